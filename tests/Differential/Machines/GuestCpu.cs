using System.Runtime.InteropServices;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Differential.Machines;

/// <summary>
/// The translator's CPU as a user-mode program on Linux sees one, over the same bytes at the same addresses as the host. Executes one instruction by
/// its handler, or as a block through the interpreter's loop.
/// </summary>
internal sealed unsafe class GuestCpu : IDisposable
{
    private readonly TestRegion _region;
    private readonly TranslatorMachine _machine;
    private readonly TranslatorCpu _cpu;
    private readonly uint* _poll;
    private readonly NativeReader _reader = new();
    private readonly Decoder _decoder;

    internal GuestCpu(TestRegion region, TranslatorOptions options)
    {
        _region = region;
        _poll = (uint*)NativeMemory.AllocZeroed(64);
        var memory = new IdentityMemory(region);
        _machine = new TranslatorMachine(memory, options);
        _cpu = (TranslatorCpu)_machine.CreateCpu(new VcpuId(0), new QuietHost(_poll), _poll);
        _decoder = Decoder.Create(64, _reader);
        var state = new CpuState
        {
            Rip = (ulong)region.Code,
            Rflags = 0x202,
            Cr0 = 0x8005_0033,
            Cr3 = memory.BuildPageTables(),
            Cr4 = 0x620, // PAE, OSFXSR, OSXMMEXCPT
        };
        for (int i = 0; i < 6; i++)
            state.Segments[i] = new SegmentState(0x2b, 0, 0xffff_ffff, 0xcf3);
        state.Segments[1] = new SegmentState(0x33, 0, 0xffff_ffff, 0xafb);
        state.Segments[4] = state.Segments[5] = new SegmentState(0, 0, 0, 0);
        state.Tr = new SegmentState(0x40, 0, 0, 0x8b);
        state.Msrs[Msr.Efer] = Bits.EferLongModeEnable | Bits.EferLongModeActive | Bits.EferNoExecute | Bits.EferSyscall;
        _cpu.Restore(state);
    }

    /// <summary>Blocks compiled so far.</summary>
    internal long Compiled => _machine.Code?.Compiled ?? 0;

    /// <summary>Whether the decoder's form has a handler: the table of the engine under test.</summary>
    internal static bool Handles(Code code) => Engines.Translator.Interpret.HandlerTable.Instance[code] != null;

    /// <summary>Executes one instruction by its handler.</summary>
    internal void RunHandler(ReadOnlySpan<byte> instruction, MachineState* input, MachineState* output)
    {
        Load(input);
        *_poll = 0;
        _reader.Set(instruction);
        _decoder.IP = 0;
        _decoder.Decode(out Instruction decoded);
        StepResult result = _cpu.ExecuteOne(decoded);
        Store(output);
        if (result == StepResult.Fault)
        {
            output->Vector = _cpu.C->FaultVector;
            output->Error = _cpu.C->FaultHasError ? _cpu.C->FaultError : 0;
            output->FaultAddress = _cpu.C->FaultVector == Vectors.PageFault ? _cpu.C->Cr2 : 0;
        }
    }

    /// <summary>Executes code as blocks until it falls through or branches to the target. An exception shows as the triple fault that it ends in.</summary>
    internal void RunBlock(ReadOnlySpan<byte> code, MachineState* input, MachineState* output)
    {
        Span<byte> hypercall = [0x0f, 0x01, 0xc1];
        code.CopyTo(new Span<byte>(_region.Code, code.Length));
        hypercall.CopyTo(new Span<byte>(_region.Code + code.Length, 3));
        hypercall.CopyTo(new Span<byte>(_region.BranchTarget, 3));
        _machine.ContentWritten(new GuestPhysical((ulong)_region.Code), 0x80);
        Load(input);
        *_poll = (uint)PollBits.Engine;
        CpuExit exit = _cpu.Run();
        Store(output);
        if (exit == CpuExit.Requested)
            output->Rip -= 3;
        else
            output->Vector = Vectors.DoubleFault;
    }

    public void Dispose()
    {
        _cpu.Dispose();
        _machine.Dispose();
        NativeMemory.Free(_poll);
    }

    private void Load(MachineState* input)
    {
        CpuContext* c = _cpu.C;
        for (int i = 0; i < 16; i++)
            c->Gpr[i] = input->Registers[i];
        c->Rip = (ulong)_region.Code;
        c->SystemFlags = (uint)input->Flags & ~(Bits.Arithmetic | Bits.Fixed1);
        Flags.SetArithmetic(c, (uint)input->Flags);
        Fxsave.Load(c, input->Extended, wide: true);
        c->FaultVector = 0;
    }

    private void Store(MachineState* output)
    {
        CpuContext* c = _cpu.C;
        for (int i = 0; i < 16; i++)
            output->Registers[i] = c->Gpr[i];
        output->Rip = c->Rip;
        output->Flags = Flags.All(c);
        Fxsave.Store(c, output->Extended, wide: true);
        output->Vector = MachineState.NoFault;
        output->Error = output->FaultAddress = 0;
    }

    private sealed class NativeReader : CodeReader
    {
        private readonly byte[] _bytes = new byte[16];
        private int _length;
        private int _next;

        internal void Set(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes);
            (_length, _next) = (bytes.Length, 0);
        }

        public override int ReadByte() => _next < _length ? _bytes[_next++] : -1;
    }
}
