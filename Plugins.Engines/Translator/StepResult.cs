namespace Hospes.Engines.Translator;

/// <summary>What a handler says to the interpreter's loop about how to go on.</summary>
internal enum StepResult
{
    /// <summary>On with the next operation of the block.</summary>
    Next,

    /// <summary>The instruction pointer or the mode changed, or the block is no longer valid: look up the block at <c>Rip</c>.</summary>
    Leave,

    /// <summary>An exception was raised; deliver it. The instruction had no effect, or only those the architecture allows.</summary>
    Fault,

    /// <summary>Leave <c>Run</c>; <c>Rip</c> is the next instruction.</summary>
    Exit,
}
