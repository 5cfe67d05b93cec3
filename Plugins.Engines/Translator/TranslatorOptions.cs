using Hospes.Engines.Translator.Native;

namespace Hospes.Engines.Translator;

/// <summary>Sizes and habits of one machine's translator.</summary>
internal sealed record TranslatorOptions
{
    /// <summary>Bytes of decoded operations per CPU; null: as many as pay.</summary>
    internal long? ArenaBytes { get; init; }

    /// <summary>Executions after which a block is compiled; 0: before the first; <see cref="int.MaxValue"/>: never, everything is interpreted.</summary>
    internal int CompileAfter { get; init; } = 8;

    /// <summary>Bytes of emitted code for the machine.</summary>
    internal int CodeBytes { get; init; } = NativeCode.DefaultBytes;

    /// <summary>Emitted code counts the instructions of each block it enters, which costs small loops a cycle or two; else only interpreted ones are counted.</summary>
    internal bool CountInstructions { get; init; }

    /// <summary>Emitted code counts its look-ups of pages (<see cref="LookUpCounter"/>), which costs each a cycle or two; else only what no look-up found is counted.</summary>
    internal bool CountLookUps { get; init; }

    /// <summary>The file that names emitted code for Linux's perf (<see cref="Native.PerfMap"/>); null: none.</summary>
    internal string? PerfMap { get; init; }
}
