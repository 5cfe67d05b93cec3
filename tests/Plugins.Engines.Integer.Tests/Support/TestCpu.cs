using System.Runtime.InteropServices;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Engines.Translator.State;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Integer.Tests.Support;

/// <summary>
/// One CPU in a mode of choice that executes instructions given as bytes. Code stands at 0x8000 (offset 0x8000 of every code segment with base 0),
/// the stack pointer at 0x7000. With paging, the first two MiB are mapped at their own addresses page by page.
/// </summary>
internal sealed unsafe class TestCpu : IDisposable
{
    internal const ulong CodeAddress = 0x8000;
    internal const ulong StackTop = 0x7000;
    internal const ulong Device = 0x3000_0000;
    private const ulong Tables = 0x1f_0000;

    private readonly TranslatorMachine _machine;
    private readonly bool _ownsMachine;
    private readonly uint* _poll;

    private TestCpu(PlainMemory memory, TranslatorMachine machine, bool ownsMachine)
    {
        Memory = memory;
        _machine = machine;
        _ownsMachine = ownsMachine;
        _poll = (uint*)NativeMemory.AllocZeroed(64);
        Cpu = (TranslatorCpu)machine.CreateCpu(new VcpuId(0), Host, _poll);
    }

    internal PlainMemory Memory { get; }

    internal RecordingHost Host { get; } = new();

    internal TranslatorCpu Cpu { get; }

    internal TranslatorMachine Machine => _machine;

    internal CpuContext* C => Cpu.C;

    internal ref uint Poll => ref *_poll;

    internal ref ulong this[Register register] => ref C->Gpr[register.GetFullRegister() - Register.RAX];

    internal uint EFlags => Flags.All(C);

    /// <summary>Real mode; all segments at 0 with 64 KiB limits.</summary>
    internal static TestCpu Real() => Create(0x10, 0, new SegmentState(0, 0, 0xffff, 0x9b), new SegmentState(0, 0, 0xffff, 0x93), 0);

    /// <summary>Flat 32-bit protected mode without paging.</summary>
    internal static TestCpu Protected32(int privilege = 0)
        => Create(0x11, 0, Code(0xc9b, privilege), Data(0xc93, privilege), 0);

    /// <summary>16-bit protected mode, segments of 64 KiB.</summary>
    internal static TestCpu Protected16()
        => Create(0x11, 0, new SegmentState(8, 0, 0xffff, 0x9b), new SegmentState(16, 0, 0xffff, 0x93), 0);

    /// <summary>64-bit mode with paging; the kernel's or a user's.</summary>
    internal static TestCpu Long(int privilege = 0)
    {
        TestCpu cpu = Create(0x8001_0033, 0x620, Code(0xa9b, privilege), Data(0xc93, privilege), 0xd01);
        return cpu;
    }

    /// <summary>Another CPU of the same machine in the same state.</summary>
    internal TestCpu Sibling()
    {
        var sibling = new TestCpu(Memory, _machine, ownsMachine: false);
        var state = new CpuState();
        Cpu.Capture(state);
        sibling.Cpu.Restore(state);
        return sibling;
    }

    /// <summary>Changes a page-table entry of the 64-bit modes: 0 absent, 5 read-only, 7 writable.</summary>
    internal void Map(ulong page, ulong rights)
    {
        Memory.Value<ulong>(Tables + 0x3000 + (page >> 12 << 3)) = rights == 0 ? 0 : page | rights;
        Cpu.Memory.FlushAll();
    }

    /// <summary>Executes one instruction at the code address.</summary>
    internal StepResult Step(params byte[] code)
    {
        C->Rip = CodeAddress;
        return StepHere(code);
    }

    /// <summary>Executes one instruction where the CPU stands.</summary>
    internal StepResult StepHere(params byte[] code)
    {
        Decoder decoder = Decoder.Create(C->Mode == CpuMode.Code64 ? 64 : C->Mode == CpuMode.Code32 ? 32 : 16, code);
        decoder.IP = 0;
        Instruction instruction = decoder.Decode();
        instruction.Length.Should().Be(code.Length, "the test's bytes are one instruction");
        return Cpu.ExecuteOne(instruction);
    }

    /// <summary>Expects the last step's exception.</summary>
    internal void ShouldFault(StepResult result, byte vector, uint? error = null)
    {
        result.Should().Be(StepResult.Fault);
        C->FaultVector.Should().Be(vector);
        C->FaultHasError.Should().Be(error.HasValue);
        if (error.HasValue)
            C->FaultError.Should().Be(error.Value);
        C->Rip.Should().Be(C->InstructionStart);
    }

    public void Dispose()
    {
        Cpu.Dispose();
        NativeMemory.Free(_poll);
        if (!_ownsMachine)
            return;
        _machine.Dispose();
        Memory.Dispose();
    }

    private static SegmentState Code(int attributes, int privilege) => new((ushort)(8 | privilege), 0, 0xffff_ffff, (ushort)(attributes | (privilege << 5)));

    private static SegmentState Data(int attributes, int privilege) => new((ushort)(16 | privilege), 0, 0xffff_ffff, (ushort)(attributes | (privilege << 5)));

    private static TestCpu Create(ulong cr0, ulong cr4, SegmentState code, SegmentState data, ulong efer)
    {
        var memory = new PlainMemory();
        var cpu = new TestCpu(memory, new TranslatorMachine(memory), ownsMachine: true);
        memory.Value<ulong>(Tables) = (Tables + 0x1000) | 7;
        memory.Value<ulong>(Tables + 0x1000) = (Tables + 0x2000) | 7;
        memory.Value<ulong>(Tables + 0x2000) = (Tables + 0x3000) | 7;
        memory.Value<ulong>(Tables + 0x2000 + ((Device >> 21 & 511) * 8)) = Device | 0x87;
        for (ulong page = 0; page < PlainMemory.Size; page += 4096)
            memory.Value<ulong>(Tables + 0x3000 + (page >> 12 << 3)) = page | 7;
        var state = new CpuState { Cr0 = cr0, Cr4 = cr4, Cr3 = Tables, Rip = CodeAddress };
        state.Registers[4] = StackTop;
        for (int i = 0; i < 6; i++)
            state.Segments[i] = i == 1 ? code : data;
        state.Msrs[Msr.Efer] = efer;
        cpu.Cpu.Restore(state);
        return cpu;
    }
}
