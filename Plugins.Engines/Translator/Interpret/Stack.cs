using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret;

/// <summary>
/// The stack of the running code: SS base and stack pointer, whose width is 64 bits in 64-bit code and follows the B bit of SS otherwise. A fault
/// leaves the stack pointer as it was. False always means: a fault is recorded.
/// </summary>
internal static unsafe class Stack
{
    private const int Rsp = 4;

    /// <summary>Bytes of the stack pointer in use: 2, 4 or 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int AddressSize(CpuContext* c)
        => c->Mode == CpuMode.Code64 ? 8 : (c->Ss.Attributes & Segment.Big) != 0 ? 4 : 2;

    /// <summary>The stack pointer in use plus a displacement, wrapped to its width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Offset(CpuContext* c, long displacement) => Operands.Truncate(c->Gpr[Rsp] + (ulong)displacement, AddressSize(c));

    /// <summary>Sets the part of rsp in use, keeping the rest of a 16-bit one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void SetPointer(CpuContext* c, ulong pointer)
    {
        switch (AddressSize(c))
        {
            case 8:
                c->Gpr[Rsp] = pointer;
                break;
            case 4:
                c->Gpr[Rsp] = (uint)pointer;
                break;
            default:
                *(ushort*)&c->Gpr[Rsp] = (ushort)pointer;
                break;
        }
    }

    /// <summary>Adds to the stack pointer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Move(CpuContext* c, long bytes) => SetPointer(c, c->Gpr[Rsp] + (ulong)bytes);

    /// <summary>Pushes the low <paramref name="size"/> (2, 4, 8) bytes.</summary>
    internal static bool Push(TranslatorCpu cpu, ulong value, int size)
    {
        ulong offset = Offset(cpu.C, -size);
        if (!WriteAt(cpu, offset, size, value))
            return false;
        SetPointer(cpu.C, offset);
        return true;
    }

    /// <summary>Pops <paramref name="size"/> (2, 4, 8) bytes, zero-extended.</summary>
    internal static bool Pop(TranslatorCpu cpu, int size, out ulong value)
    {
        if (!Read(cpu, 0, size, out value))
            return false;
        Move(cpu.C, size);
        return true;
    }

    /// <summary>Reads at a displacement from the stack pointer.</summary>
    internal static bool Read(TranslatorCpu cpu, long displacement, int size, out ulong value)
        => ReadAt(cpu, Offset(cpu.C, displacement), size, out value);

    /// <summary>Writes at a displacement from the stack pointer, which stays.</summary>
    internal static bool Write(TranslatorCpu cpu, long displacement, int size, ulong value)
        => WriteAt(cpu, Offset(cpu.C, displacement), size, value);

    /// <summary>Reads at an offset in the stack segment.</summary>
    internal static bool ReadAt(TranslatorCpu cpu, ulong offset, int size, out ulong value)
    {
        value = 0;
        return Operands.Linear(cpu, Register.SS, offset, size, write: false, out ulong linear) && Operands.ReadMemory(cpu, linear, size, out value);
    }

    /// <summary>Writes at an offset in the stack segment.</summary>
    internal static bool WriteAt(TranslatorCpu cpu, ulong offset, int size, ulong value)
        => Operands.Linear(cpu, Register.SS, offset, size, write: true, out ulong linear) && Operands.WriteMemory(cpu, linear, size, value);
}
