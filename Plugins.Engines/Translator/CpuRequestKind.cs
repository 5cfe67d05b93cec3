namespace Hospes.Engines.Translator;

/// <summary>What a CPU can be asked to forget.</summary>
internal enum CpuRequestKind
{
    /// <summary>All translations.</summary>
    FlushTranslations,

    /// <summary>The right to write straight to a frame.</summary>
    ProtectFrame,

    /// <summary>Blocks decoded from a frame.</summary>
    DropCode,

    /// <summary>All emitted code; the request's frame is the number of the emptying.</summary>
    EmptyCode,
}
