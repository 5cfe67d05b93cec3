using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>
/// Reads a frame off the current stack in steps, and moves the stack pointer only when the whole instruction is known to succeed: IRET, far RET.
/// </summary>
internal unsafe ref struct StackView
{
    private readonly TranslatorCpu _cpu;
    private readonly bool _long;
    private readonly bool _big;
    private readonly int _size;

    internal StackView(TranslatorCpu cpu, int size)
    {
        _cpu = cpu;
        _size = size;
        _long = cpu.C->Mode == CpuMode.Code64;
        _big = (cpu.C->Ss.Attributes & Segment.Big) != 0;
        Pointer = Wrap(cpu.C->Gpr[4]);
    }

    /// <summary>Where the next pop reads.</summary>
    internal ulong Pointer { get; private set; }

    /// <summary>Pops one item of the view's size, zero-extended. False: a fault is recorded.</summary>
    internal bool Pop(out ulong value)
    {
        value = 0;
        if (!Operands.Linear(_cpu, Iced.Intel.Register.SS, Pointer, _size, write: false, out ulong linear)
            || !Operands.ReadMemory(_cpu, linear, _size, out value))
            return false;
        Skip((ulong)_size);
        return true;
    }

    /// <summary>Steps over bytes.</summary>
    internal void Skip(ulong bytes) => Pointer = Wrap(Pointer + bytes);

    /// <summary>Makes the view's position the stack pointer.</summary>
    internal readonly void Commit()
    {
        CpuContext* c = _cpu.C;
        if (_long || _big)
            c->Gpr[4] = Pointer;
        else
            Registers.Write(c, Iced.Intel.Register.SP, Pointer);
    }

    private readonly ulong Wrap(ulong value) => _long ? value : _big ? (uint)value : (ushort)value;
}
