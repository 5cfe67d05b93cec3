using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>What string instructions share: counter and pointers of the address size, repetition, and when a repetition must pause.</summary>
internal static unsafe class StringState
{
    internal const int Rcx = 1;
    internal const int Rsi = 6;
    internal const int Rdi = 7;

    /// <summary>Any repeat prefix.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsRepeated(in Instruction instruction) => instruction.HasRepPrefix || instruction.HasRepnePrefix;

    /// <summary>A pointer or the counter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Get(CpuContext* c, int register, int addressSize) => Operands.Truncate(c->Gpr[register], addressSize);

    /// <summary>Adds to a pointer or the counter; 32-bit ones clear the upper half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Add(CpuContext* c, int register, long change, int addressSize)
    {
        ulong value = c->Gpr[register] + (ulong)change;
        if (addressSize == 8)
            c->Gpr[register] = value;
        else if (addressSize == 4)
            c->Gpr[register] = (uint)value;
        else
            *(ushort*)&c->Gpr[register] = (ushort)value;
    }

    /// <summary>Bytes from one element to the next: negative when DF is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static long Step<T>(CpuContext* c)
        where T : unmanaged
        => (c->SystemFlags & Bits.Direction) == 0 ? sizeof(T) : -sizeof(T);

    /// <summary>
    /// Between elements of a repetition: something waits for the CPU, or single-stepping traps after every element. The instruction then leaves the
    /// block and resumes from its registers.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool MustPause(CpuContext* c) => Volatile.Read(ref *c->Poll) != 0 || (c->SystemFlags & Bits.Trap) != 0;

    /// <summary>Resumes the instruction at the next entry.</summary>
    internal static StepResult Pause(CpuContext* c)
    {
        c->Rip = c->InstructionStart;
        return StepResult.Leave;
    }

    /// <summary>
    /// How many whole elements from an offset on, going up, stay in one page of linear memory and below the wrap of the address size; at most
    /// <paramref name="count"/>.
    /// </summary>
    internal static ulong InPage<T>(ulong offset, ulong linear, ulong count, int addressSize)
        where T : unmanaged
    {
        ulong room = (4096 - (linear & 0xfff)) / (ulong)sizeof(T);
        ulong mask = addressSize == 8 ? ulong.MaxValue : addressSize == 4 ? uint.MaxValue : ushort.MaxValue;
        ulong toWrap = (mask - offset) / (ulong)sizeof(T);
        return Math.Min(Math.Min(room, toWrap), count);
    }
}
