namespace Hospes.Engines.Translator.State;

/// <summary>What decides the meaning of code bytes. Blocks are keyed by it.</summary>
internal enum CpuMode : byte
{
    /// <summary>Real mode, or 16-bit protected code.</summary>
    Code16 = 0,

    /// <summary>32-bit code.</summary>
    Code32 = 1,

    /// <summary>64-bit code.</summary>
    Code64 = 2,
}
