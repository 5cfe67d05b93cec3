namespace Hospes.Engines.Translator.Native;

/// <summary>Where the guest's x87 and MMX registers are while emitted code runs.</summary>
internal enum FpuResidence
{
    /// <summary>In the context. Emitted code that wants them leaves first.</summary>
    Context,

    /// <summary>In the image, to be loaded on the way into emitted code.</summary>
    ToLoad,

    /// <summary>In the host's registers.</summary>
    Host,

    /// <summary>In the image, stored on the way out: to be taken into the context.</summary>
    ToTake,
}
