using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// What is to be known about one way out of emitted code, 20 bytes: there are several for every block. Places in emitted code are bytes from its start,
/// where no block begins: 0 stands for none.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 20)]
internal struct ExitRecord
{
    /// <summary>For <see cref="ExitKind.Memory"/> and <see cref="ExitKind.Group"/>: where to go on once the TLB serves the access; for <see cref="ExitKind.Fpu"/>: once the registers are there.</summary>
    [FieldOffset(0)]
    internal int Retry;

    /// <summary>For <see cref="ExitKind.Handler"/>: the number of the decoded instruction, its addresses relative to its page.</summary>
    [FieldOffset(0)]
    internal int Instruction;

    /// <summary>
    /// For <see cref="ExitKind.Handler"/> and <see cref="ExitKind.Memory"/>: where to go on once the handler has executed the instruction; 0: look the
    /// next block up.
    /// </summary>
    [FieldOffset(4)]
    internal int Next;

    /// <summary>For <see cref="ExitKind.Direct"/> and <see cref="ExitKind.Group"/>: where the jump's displacement is, in the writable mapping.</summary>
    [FieldOffset(4)]
    internal int Jump;

    /// <summary>Guest frame of the code.</summary>
    [FieldOffset(8)]
    internal uint Frame;

    /// <summary>The instruction's place in its page; for jumps the target's.</summary>
    [FieldOffset(12)]
    internal ushort Offset;

    /// <summary>Bytes of the memory access.</summary>
    [FieldOffset(14)]
    internal ushort Size;

    [FieldOffset(16)]
    internal ExitKind Kind;

    [FieldOffset(17)]
    internal ExitTraits Traits;

    /// <summary>Groups: how often it was not one page.</summary>
    [FieldOffset(18)]
    internal byte Misses;

    /// <summary>The access writes.</summary>
    internal readonly bool Writes => (Traits & ExitTraits.Writes) != 0;

    /// <summary>The code that goes on has vector registers in use.</summary>
    internal readonly bool Vector => (Traits & ExitTraits.Vector) != 0;

    /// <summary>The code that goes on has the guest's x87 registers in the host's.</summary>
    internal readonly bool Fpu => (Traits & ExitTraits.Fpu) != 0;

    /// <summary>The instruction lies on two pages.</summary>
    internal readonly bool Crosses => (Traits & ExitTraits.Crosses) != 0;

    /// <summary>The access faults unless it is aligned to 16 bytes.</summary>
    internal readonly bool Aligned => (Traits & ExitTraits.Aligned) != 0;
}
