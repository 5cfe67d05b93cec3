using System.Runtime.InteropServices;

namespace Hospes.Differential.Machines;

/// <summary>What an instruction can read and change besides memory, and how its execution ended.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct MachineState
{
    internal const int FlagsOffset = 128;
    internal const int RipOffset = 136;
    internal const int VectorOffset = 144;
    internal const int ErrorOffset = 152;
    internal const int FaultAddressOffset = 160;
    internal const int ExtendedOffset = 176;

    /// <summary><see cref="Vector"/> of an instruction that raised nothing.</summary>
    internal const ulong NoFault = 0xff;

    /// <summary>rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15.</summary>
    internal fixed ulong Registers[16];
    internal ulong Flags;
    internal ulong Rip;

    /// <summary>The exception that ended it, or <see cref="NoFault"/>.</summary>
    internal ulong Vector;
    internal ulong Error;

    /// <summary>CR2 after a page fault.</summary>
    internal ulong FaultAddress;
    private readonly ulong _padding;

    /// <summary>The FXSAVE64 image: x87 or MMX, MXCSR, xmm0-15.</summary>
    internal fixed byte Extended[512];
}
