namespace Hospes.Engines.Translator;

/// <summary>What a CPU can be asked to forget.</summary>
internal enum CpuRequestKind
{
    /// <summary>All translations. Somebody may wait for it.</summary>
    FlushTranslations,

    /// <summary>The right to write straight to a frame. Somebody may wait for it.</summary>
    ProtectFrame,

    /// <summary>Blocks decoded from a frame.</summary>
    DropCode,

    /// <summary>Asked of itself by a CPU that is about to write to a frame with code by its address: once it has, all CPUs drop the frame's blocks.</summary>
    NoteWrite,

    /// <summary>All emitted code; the request's frame is the number of the emptying.</summary>
    EmptyCode,
}
