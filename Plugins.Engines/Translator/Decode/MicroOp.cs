using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Decode;

/// <summary>
/// One pre-decoded instruction of a block, 32 bytes. A linear address of a memory operand is
/// <c>Gpr[Base] + (Gpr[Index] &lt;&lt; Scale) + Displacement + Gpr[Segment]</c>; absent parts name the zero slot.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MicroOp
{
    internal OpKindCode Code;

    /// <summary>Register written (and read, for read-modify-write forms).</summary>
    internal byte Destination;

    /// <summary>Register read.</summary>
    internal byte Source;

    internal byte Base;
    internal byte Index;
    internal byte Scale;
    internal byte Segment;
    internal int Displacement;

    /// <summary>Bytes from the block's start to this instruction.</summary>
    internal ushort Offset;

    /// <summary>Bytes of this instruction.</summary>
    internal byte Length;

    /// <summary>Condition code of a conditional form.</summary>
    internal byte Condition;

    /// <summary>Immediate operand; branch target relative to the block's start; the handler's address for <see cref="OpKindCode.Handler"/>.</summary>
    internal long Immediate;

    /// <summary>The chained successor block of a direct branch; the decoded instruction for <see cref="OpKindCode.Handler"/>.</summary>
    internal nint Target;
}
