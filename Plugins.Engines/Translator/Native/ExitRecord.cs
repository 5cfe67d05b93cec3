using System.Runtime.InteropServices;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>What is to be known about one way out of emitted code.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ExitRecord
{
    /// <summary>Where to go on once the TLB serves the access.</summary>
    internal nint Retry;

    /// <summary>Where to go on once the handler has executed the instruction; null: look the next block up.</summary>
    internal nint Next;

    /// <summary>The decoded instruction, its addresses relative to its page; null for memory exits, where it is decoded when needed.</summary>
    internal Instruction* Instruction;

    /// <summary>For <see cref="ExitKind.Direct"/> and <see cref="ExitKind.Group"/>: where in the writable mapping the jump's displacement is, from the start.</summary>
    internal int Jump;

    /// <summary>Guest frame of the code.</summary>
    internal uint Frame;

    /// <summary>The instruction's place in its page; for jumps the target's.</summary>
    internal ushort Offset;

    /// <summary>Bytes of the memory access.</summary>
    internal ushort Size;

    internal ExitKind Kind;

    /// <summary>The access writes.</summary>
    internal bool Writes;

    /// <summary>The code that goes on has vector registers in use.</summary>
    internal bool Vector;

    /// <summary>The access faults unless it is aligned to 16 bytes.</summary>
    internal bool Aligned;

    /// <summary>Groups: how often it was not one page.</summary>
    internal byte Misses;
}
