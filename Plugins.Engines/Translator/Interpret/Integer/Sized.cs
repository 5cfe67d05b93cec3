using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// Values and operands of a size that is known when the handler is compiled. A value travels as 64 bits, zero-extended unless said otherwise.
/// </summary>
/// <remarks>Safe because register names come from the decoder, which names only registers of the operand's size, and the context never moves.</remarks>
internal static unsafe class Sized
{
    /// <summary>Width in bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Bits<T>()
        where T : unmanaged
        => sizeof(T) * 8;

    /// <summary>The bits of the width, zero-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Zero<T>(ulong value)
        where T : unmanaged
        => sizeof(T) == 1 ? (byte)value : sizeof(T) == 2 ? (ushort)value : sizeof(T) == 4 ? (uint)value : value;

    /// <summary>The bits of the width, sign-extended.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong Sign<T>(ulong value)
        where T : unmanaged
        => sizeof(T) == 1 ? (ulong)(sbyte)value : sizeof(T) == 2 ? (ulong)(short)value : sizeof(T) == 4 ? (ulong)(int)value : value;

    /// <summary>The highest bit of the width is set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool IsNegative<T>(ulong value)
        where T : unmanaged
        => ((value >> (Bits<T>() - 1)) & 1) != 0;

    /// <summary>The low bits as a value of the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static T From<T>(ulong value)
        where T : unmanaged
        => *(T*)&value;

    /// <summary>Zero-extends a value of the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong To<T>(T value)
        where T : unmanaged
        => sizeof(T) == 1 ? Unsafe.BitCast<T, byte>(value)
            : sizeof(T) == 2 ? Unsafe.BitCast<T, ushort>(value)
            : sizeof(T) == 4 ? Unsafe.BitCast<T, uint>(value)
            : Unsafe.BitCast<T, ulong>(value);

    /// <summary>Where a general register's bits of this width lie in the context.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static byte* Address<T>(CpuContext* c, Register register)
        where T : unmanaged
    {
        if (sizeof(T) == 8)
            return (byte*)&c->Gpr[register - Register.RAX];
        if (sizeof(T) == 4)
            return (byte*)&c->Gpr[register - Register.EAX];
        if (sizeof(T) == 2)
            return (byte*)&c->Gpr[register - Register.AX];
        int number = register - Register.AL; // al cl dl bl, ah ch dh bh, spl bpl sil dil, r8b...
        return number < 4 ? (byte*)&c->Gpr[number]
            : number < 8 ? (byte*)&c->Gpr[number - 4] + 1
            : (byte*)&c->Gpr[number - 4];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ReadRegister<T>(CpuContext* c, Register register)
        where T : unmanaged
        => To(*(T*)Address<T>(c, register));

    /// <summary>A 32-bit write clears the upper half, narrower ones keep the rest.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void WriteRegister<T>(CpuContext* c, Register register, ulong value)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
            *(ulong*)Address<T>(c, register) = (uint)value;
        else
            *(T*)Address<T>(c, register) = From<T>(value);
    }

    /// <summary>The low bits of general register <paramref name="number"/> (rax 0, rcx 1, rdx 2, rbx 3, ...): implicit operands.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static ulong ReadGeneral<T>(CpuContext* c, int number)
        where T : unmanaged
        => Zero<T>(c->Gpr[number]);

    /// <summary>Writes the low bits of general register <paramref name="number"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void WriteGeneral<T>(CpuContext* c, int number, ulong value)
        where T : unmanaged
    {
        if (sizeof(T) == 4)
            c->Gpr[number] = (uint)value;
        else
            *(T*)&c->Gpr[number] = From<T>(value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool ReadMemory<T>(TranslatorCpu cpu, ulong linear, out ulong value)
        where T : unmanaged
    {
        bool read = cpu.Memory.Read(linear, out T raw);
        value = To(raw);
        return read;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool WriteMemory<T>(TranslatorCpu cpu, ulong linear, ulong value)
        where T : unmanaged
        => cpu.Memory.Write(linear, From<T>(value));

    /// <summary>Reads operand <paramref name="number"/>: register, memory or immediate. False: a fault is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Read<T>(TranslatorCpu cpu, in Instruction instruction, int number, out ulong value)
        where T : unmanaged
    {
        switch (instruction.GetOpKind(number))
        {
            case OpKind.Register:
                value = ReadRegister<T>(cpu.C, instruction.GetOpRegister(number));
                return true;
            case OpKind.Memory:
                value = 0;
                return Operands.Linear(cpu, instruction, sizeof(T), write: false, out ulong linear) && ReadMemory<T>(cpu, linear, out value);
            default:
                value = Zero<T>(instruction.GetImmediate(number));
                return true;
        }
    }

    /// <summary>Writes operand <paramref name="number"/>: register or memory. False: a fault is recorded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static bool Write<T>(TranslatorCpu cpu, in Instruction instruction, int number, ulong value)
        where T : unmanaged
    {
        if (instruction.GetOpKind(number) == OpKind.Register)
        {
            WriteRegister<T>(cpu.C, instruction.GetOpRegister(number), value);
            return true;
        }

        return Operands.Linear(cpu, instruction, sizeof(T), write: true, out ulong linear) && WriteMemory<T>(cpu, linear, value);
    }
}
