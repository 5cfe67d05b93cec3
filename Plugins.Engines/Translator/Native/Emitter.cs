using System.Runtime.CompilerServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>Writes x86-64 instructions (Intel SDM volume 2) at a cursor. Registers are by number; memory is [base + displacement].</summary>
internal sealed unsafe class Emitter
{
    private byte* _start;
    private byte* _end;

    /// <summary>The next byte to write.</summary>
    internal byte* At { get; set; }

    /// <summary>Bytes written since <see cref="Begin"/>.</summary>
    internal int Length => (int)(At - _start);

    /// <summary>Bytes left.</summary>
    internal int Room => (int)(_end - At);

    internal void Begin(byte* start, int room)
    {
        _start = At = start;
        _end = start + room;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Byte(int value) => *At++ = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(new Span<byte>(At, bytes.Length));
        At += bytes.Length;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Int32(int value)
    {
        Unsafe.WriteUnaligned(At, value);
        At += 4;
    }

    /// <summary>OP reg, reg: the opcode's ModRM "rm" is <paramref name="rm"/>.</summary>
    internal void RegisterRegister(int opcode, int register, int rm, bool wide = true)
    {
        Prefix(register, 0, rm, wide);
        Byte(opcode);
        Byte(0xc0 | ((register & 7) << 3) | (rm & 7));
    }

    /// <summary>OP with [base + displacement], 64-bit unless told otherwise.</summary>
    internal void RegisterMemory(int opcode, int register, int @base, int displacement, bool wide = true)
    {
        Prefix(register, 0, @base, wide);
        Byte(opcode);
        Memory(register, @base, displacement);
    }

    /// <summary>OP with [base + index + displacement], 64-bit unless told otherwise.</summary>
    internal void RegisterMemoryIndexed(int opcode, int register, int @base, int index, int displacement, bool wide = true)
    {
        Prefix(register, index, @base, wide);
        Byte(opcode);
        bool none = displacement == 0 && (@base & 7) != 5;
        bool small = displacement == (sbyte)displacement;
        Byte((none ? 0 : small ? 0x40 : 0x80) | ((register & 7) << 3) | 4);
        Byte(((index & 7) << 3) | (@base & 7));
        if (none)
            return;
        if (small)
            Byte(displacement);
        else
            Int32(displacement);
    }

    internal void Move(int to, int from)
    {
        if (to != from)
            RegisterRegister(0x8b, to, from);
    }

    internal void Load(int to, int @base, int displacement) => RegisterMemory(0x8b, to, @base, displacement);

    internal void Store(int @base, int displacement, int from) => RegisterMemory(0x89, from, @base, displacement);

    /// <summary>MOV qword [base + displacement], sign-extended immediate.</summary>
    internal void StoreImmediate(int @base, int displacement, int value)
    {
        RegisterMemory(0xc7, 0, @base, displacement);
        Int32(value);
    }

    /// <summary>MOV dword [base + displacement], immediate.</summary>
    internal void StoreImmediate32(int @base, int displacement, int value)
    {
        RegisterMemory(0xc7, 0, @base, displacement, wide: false);
        Int32(value);
    }

    /// <summary>ADD qword [base + displacement], 1.</summary>
    internal void Increment(int @base, int displacement)
    {
        RegisterMemory(0x83, 0, @base, displacement);
        Byte(1);
    }

    /// <summary>MOV register, sign-extended immediate.</summary>
    internal void MoveImmediate(int to, int value)
    {
        Prefix(0, 0, to, wide: true);
        Byte(0xc7);
        Byte(0xc0 | (to & 7));
        Int32(value);
    }

    /// <summary>LEA; the base may be absent (negative), the index too. Changes no flag.</summary>
    internal void LoadAddress(int to, int @base, int index, int scale, int displacement, bool wide = true)
    {
        Prefix(to, index < 0 ? 0 : index, @base < 0 ? 0 : @base, wide);
        Byte(0x8d);
        if (index < 0 && @base >= 0)
        {
            Memory(to, @base, displacement);
            return;
        }

        int encodedIndex = index < 0 ? 4 : index & 7;
        int reg = (to & 7) << 3;
        if (@base < 0)
        {
            Byte(reg | 4);
            Byte((scale << 6) | (encodedIndex << 3) | 5);
            Int32(displacement);
            return;
        }

        bool small = displacement == (sbyte)displacement;
        bool none = displacement == 0 && (@base & 7) != 5;
        Byte((none ? 0 : small ? 0x40 : 0x80) | reg | 4);
        Byte((scale << 6) | (encodedIndex << 3) | (@base & 7));
        if (none)
            return;
        if (small)
            Byte(displacement);
        else
            Int32(displacement);
    }

    /// <summary>JMP or Jcc with a 32-bit displacement to be filled in; answers where that is.</summary>
    /// <param name="condition">As in the opcode; negative: always.</param>
    /// <param name="changes">The displacement may change while other CPUs execute the code.</param>
    internal byte* Jump(int condition = -1, bool changes = false)
    {
        // What another CPU may read while it is being changed lies within eight bytes.
        int opcode = condition < 0 ? 1 : 2;
        while (changes && (((nint)At + opcode) & 7) > 4)
            Byte(0x90);
        if (condition < 0)
        {
            Byte(0xe9);
        }
        else
        {
            Byte(0x0f);
            Byte(0x80 | condition);
        }

        byte* displacement = At;
        Int32(0);
        return displacement;
    }

    /// <summary>JMP to a known place of the same mapping.</summary>
    internal void JumpTo(byte* target)
    {
        Byte(0xe9);
        Int32((int)(target - (At + 4)));
    }

    /// <summary>CALL of a known place of the same mapping.</summary>
    internal void CallTo(byte* target)
    {
        Byte(0xe8);
        Int32((int)(target - (At + 4)));
    }

    /// <summary>Makes a jump whose displacement is at <paramref name="displacement"/> go to <paramref name="target"/>.</summary>
    internal static void Bind(byte* displacement, byte* target)
        => Volatile.Write(ref *(int*)displacement, (int)(target - (displacement + 4)));

    private void Prefix(int register, int index, int rm, bool wide)
    {
        int rex = (wide ? 8 : 0) | ((register >> 3) << 2) | ((index >> 3) << 1) | (rm >> 3);
        if (rex != 0)
            Byte(0x40 | rex);
    }

    private void Memory(int register, int @base, int displacement)
    {
        int reg = (register & 7) << 3;
        bool none = displacement == 0 && (@base & 7) != 5;
        bool small = displacement == (sbyte)displacement;
        Byte((none ? 0 : small ? 0x40 : 0x80) | reg | (@base & 7));
        if ((@base & 7) == 4)
            Byte(0x24);
        if (none)
            return;
        if (small)
            Byte(displacement);
        else
            Int32(displacement);
    }
}
