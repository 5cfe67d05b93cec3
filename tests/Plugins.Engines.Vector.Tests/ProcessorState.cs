using System.Runtime.InteropServices;

namespace Hospes.Engines.Vector.Tests;

/// <summary>What an instruction is given and what it leaves behind: an FXSAVE image, general registers, flags, and memory at rdi.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ProcessorState
{
    internal const int MemorySize = 256;

    internal fixed byte Fx[512];
    internal fixed ulong Registers[16];
    internal ulong Flags;
    internal ulong MemoryPointer;

    /// <summary>Not touched by the native stub: copied to where rdi points and back.</summary>
    internal fixed byte Memory[MemorySize];
}
