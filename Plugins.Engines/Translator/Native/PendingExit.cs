using Hospes.Engines.Translator.Memory;

namespace Hospes.Engines.Translator.Native;

/// <summary>A way out of the block that is being compiled, whose out-of-line part is written after the block.</summary>
internal unsafe struct PendingExit
{
    /// <summary>Jumps that lead to it, at most three; where their displacements are.</summary>
    internal byte* First;

    internal byte* Second;
    internal byte* Third;
    internal ExitKind Kind;

    /// <summary>The instruction's index in the block.</summary>
    internal int Instruction;

    /// <summary>The target's place in the page, for direct and poll exits.</summary>
    internal int Target;

    /// <summary>Memory exits: bytes of the access, and whether it writes.</summary>
    internal int Size;

    internal bool Writes;
    internal bool Aligned;

    /// <summary>Memory exits: what was asked before the TLB, and where to go on when the TLB has the page.</summary>
    internal RecentPage Recent;

    internal byte* Found;

    /// <summary>Where to go on after the TLB was filled.</summary>
    internal byte* Retry;

    /// <summary>Where to go on after the instruction was executed by its handler; null: nowhere.</summary>
    internal byte* Next;

    /// <summary>Vector registers that the code has in use at <see cref="Retry"/> and at <see cref="Next"/>.</summary>
    internal uint VectorsAtRetry;

    internal uint VectorsAtNext;

    /// <summary>The code at <see cref="Next"/> expects the flags in the host's.</summary>
    internal bool FlagsAtNext;

    /// <summary>The code that goes on needs the guest's MXCSR.</summary>
    internal bool Vector;

    /// <summary>The code that goes on needs the guest's x87 registers in the host's.</summary>
    internal bool Fpu;

    /// <summary>The jump is <see cref="First"/>, and may be tied to the target's code.</summary>
    internal bool Ties;
}
