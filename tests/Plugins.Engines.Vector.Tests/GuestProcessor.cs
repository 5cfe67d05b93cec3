using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Vector.Tests;

/// <summary>The interpreter set up to run single instructions in 64-bit mode without paging.</summary>
internal sealed unsafe class GuestProcessor : IGuestMemory, IGuestCpuHost, IDisposable
{
    /// <summary>Where instructions pretend to be.</summary>
    internal const ulong Start = 0x1000;

    private readonly LowMemory _poll = new(4096, executable: false);
    private readonly LowMemory _backing = new(2 * 4096, executable: false);
    private readonly TranslatorMachine _machine;

    internal GuestProcessor(ulong dataAddress)
    {
        FirstFrame = dataAddress >> 12;
        DataAddress = dataAddress;
        _machine = new TranslatorMachine(this);
        Cpu = (TranslatorCpu)_machine.CreateCpu(new VcpuId(0), this, (uint*)_poll.Address);
        CpuContext* c = Cpu.C;
        c->Cr0 = Bits.Cr0ProtectionEnable | Bits.Cr0NumericError | Bits.Cr0ExtensionType;
        c->Cr4 = Bits.Cr4FxsrSse | Bits.Cr4SimdExceptions;
        c->Efer = Bits.EferLongModeActive | Bits.EferLongModeEnable;
        c->Cs.Attributes = Segment.Present | Segment.NotSystem | Segment.Code | Segment.ReadableCode | Segment.Long;
        Cpu.UpdateMode();
    }

    internal TranslatorCpu Cpu { get; }

    internal ulong DataAddress { get; }

    /// <summary>Two frames are memory; everything else is device space.</summary>
    internal ulong FirstFrame { get; }

    /// <summary>The guest's bytes at the data address.</summary>
    internal byte* Data => _backing.Address + (DataAddress & 0xfff);

    public int PhysicalAddressBits => 40;

    public ulong TimestampFrequency => 1_000_000_000;

    public byte TaskPriority { get; set; }

    internal StepResult Run(ref ProcessorState state, byte[] code)
    {
        fixed (ProcessorState* s = &state)
        {
            CpuContext* c = Cpu.C;
            Fxsave.Load(c, s->Fx, wide: true);
            for (int i = 0; i < 16; i++)
                c->Gpr[i] = s->Registers[i];
            c->SystemFlags = Bits.Interrupt;
            Flags.SetArithmetic(c, (uint)s->Flags);
            Buffer.MemoryCopy(s->Memory, Data, ProcessorState.MemorySize, ProcessorState.MemorySize);
            StepResult result = Execute(code);
            Fxsave.Store(c, s->Fx, wide: true);
            for (int i = 0; i < 16; i++)
                s->Registers[i] = c->Gpr[i];
            s->Flags = Flags.All(c);
            Buffer.MemoryCopy(Data, s->Memory, ProcessorState.MemorySize, ProcessorState.MemorySize);
            return result;
        }
    }

    /// <summary>Executes an instruction by the bytes it encodes to.</summary>
    internal StepResult Run(in Instruction instruction)
    {
        var bytes = new ByteWriter();
        Encoder.Create(64, bytes).Encode(instruction, Start);
        return Execute([.. bytes.Bytes]);
    }

    /// <summary>Executes the first instruction of some code as if it lay at an address.</summary>
    internal StepResult Execute(byte[] code, ulong at = Start)
    {
        Decoder decoder = Decoder.Create(64, new ByteArrayCodeReader(code), at);
        Instruction instruction = decoder.Decode();
        Cpu.C->Rip = at;
        return Cpu.ExecuteOne(instruction);
    }

    public byte* FindFrame(GuestFrame frame)
        => frame.Number - FirstFrame < 2 ? _backing.Address + ((frame.Number - FirstFrame) << 12) : null;

    public void Hypercall(ref HypercallFrame frame) => throw new InvalidOperationException("no hypercall expected");

    public uint ReadPort(ushort port, int size) => uint.MaxValue;

    public void WritePort(ushort port, int size, uint value)
    {
    }

    public ulong ReadDevice(GuestPhysical address, int size) => ulong.MaxValue;

    public void WriteDevice(GuestPhysical address, int size, ulong value)
    {
    }

    public bool TryReadMsr(uint index, out ulong value)
    {
        value = 0;
        return false;
    }

    public bool TryWriteMsr(uint index, ulong value) => false;

    public CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered) => offered;

    public ulong ReadTimestamp() => 0;

    public int AcknowledgeInterrupt() => -1;

    public void Dispose()
    {
        Cpu.Dispose();
        _machine.Dispose();
        _poll.Dispose();
        _backing.Dispose();
    }
}
