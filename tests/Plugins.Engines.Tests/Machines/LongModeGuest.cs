using Hospes.Engines.Translator;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Tests.Machines;

/// <summary>
/// A guest that stands in 64-bit code at privilege level 0, with descriptor tables, a stub behind every vector and the first 1.1 MiB mapped onto itself
/// (0x40000 to 0x60000 for users too).
/// </summary>
internal sealed class LongModeGuest : IDisposable
{
    internal const ushort KernelCode = 0x08;
    internal const ushort KernelData = 0x10;
    internal const ushort UserCode32 = 0x1b;
    internal const ushort UserData = 0x23;
    internal const ushort UserCode = 0x2b;
    internal const ushort KernelCode32 = 0x30;
    internal const ushort NotPresentData = 0x38;
    internal const ushort TaskSelector = 0x40;
    internal const ushort NotPresentCode = 0x50;

    internal const ulong Gdt = 0x1000;
    internal const ulong Idt = 0x2000;
    internal const ulong Task = 0x3000;
    internal const ulong CodeAt = 0x10000;
    internal const ulong Stubs = 0x20000;
    internal const ulong StackTop = 0x30000;
    internal const ulong IstTop = 0x34000;
    internal const ulong InnerStackTop = 0x38000;
    internal const ulong UserCodeAt = 0x40000;
    internal const ulong UserStackTop = 0x50000;
    internal const ulong Data = 0x70000;

    private const uint HasError = (1 << 8) | (0x1f << 10) | (1 << 17);

    internal LongModeGuest(TranslatorOptions? options = null, long? timestampBase = null)
    {
        Machine = new GuestMachine(options: options, timestampBase: timestampBase);
        Tables = new PageTables(Machine.Ram, 4);
        Tables.Identity(0, 0x12_0000);
        Tables.Identity(0x40000, 0x60000, PageTables.Present | PageTables.Writable | PageTables.User);
        WriteTables();
        SetState();
    }

    internal GuestMachine Machine { get; }

    internal GuestRam Ram => Machine.Ram;

    internal ScriptedHost Host => Machine.Host;

    internal CpuState State => Machine.State;

    internal PageTables Tables { get; }

    /// <summary>Runs kernel code from <see cref="CodeAt"/>.</summary>
    internal CpuExit Run(Action<Assembler> code)
    {
        Machine.Code(CodeAt, 64, code);
        State.Rip = CodeAt;
        return Machine.Start();
    }

    /// <summary>Runs user code from <see cref="UserCodeAt"/>.</summary>
    internal CpuExit RunUser(Action<Assembler> code)
    {
        Machine.Code(UserCodeAt, 64, code);
        EnterUser();
        return Machine.Start();
    }

    internal void EnterUser()
    {
        State.Rip = UserCodeAt;
        State.Registers[4] = UserStackTop;
        State.Segments[1] = new SegmentState(UserCode, 0, uint.MaxValue, 0xafb);
        State.Segments[2] = new SegmentState(UserData, 0, uint.MaxValue, 0xcf3);
    }

    internal void Gate(int vector, ulong target, int type = 0xe, int dpl = 0, int ist = 0, bool present = true, ushort selector = KernelCode)
    {
        ulong low = (target & 0xffff) | ((ulong)selector << 16) | ((ulong)ist << 32) | ((ulong)(type | (dpl << 5) | (present ? 0x80 : 0)) << 40)
            | ((target & 0xffff_0000) << 32);
        Ram.Write(Idt + ((ulong)vector * 16), low);
        Ram.Write(Idt + ((ulong)vector * 16) + 8, target >> 32);
    }

    /// <summary>A handler written by the test in place of a vector's stub.</summary>
    internal void Handler(int vector, ulong at, Action<Assembler> code, int dpl = 0, int type = 0xe, int ist = 0)
    {
        Machine.Code(at, 64, code);
        Gate(vector, at, type, dpl, ist);
    }

    /// <summary>What the stub that stopped the guest found on its stack; null when the guest came to its end without.</summary>
    internal FaultReport? Fault()
    {
        ulong at = State.Rip - Stubs - 2;
        if (at >= 256 * 16)
            return null;
        var vector = (int)(at / 16);
        bool error = vector < 32 && (HasError >> vector & 1) != 0;
        ulong frame = State.Registers[4] + (error ? 8u : 0);
        return new FaultReport(
            vector, error ? Ram.Read<uint>(State.Registers[4]) : null, Ram.Read<ulong>(frame), Ram.Read<ushort>(frame + 8), Ram.Read<ulong>(frame + 16),
            Ram.Read<ulong>(frame + 24), Ram.Read<ushort>(frame + 32), State.Registers[4], State.Cr2);
    }

    public void Dispose() => Machine.Dispose();

    private void WriteTables()
    {
        ulong[] descriptors =
        [
            0, 0x00af_9b00_0000_ffff, 0x00cf_9300_0000_ffff, 0x00cf_fb00_0000_ffff, 0x00cf_f300_0000_ffff, 0x00af_fb00_0000_ffff, 0x00cf_9b00_0000_ffff,
            0x00cf_1300_0000_ffff, 0x0000_8900_0000_0fff | (Task << 16), 0, 0x00af_1b00_0000_ffff,
        ];
        for (int i = 0; i < descriptors.Length; i++)
            Ram.Write(Gdt + ((ulong)i * 8), descriptors[i]);
        for (int vector = 0; vector < 256; vector++)
        {
            ulong stub = Stubs + ((ulong)vector * 16);
            Gate(vector, stub);
            new byte[] { 0xe6, (byte)ScriptedHost.FaultPort, 0xf4 }.CopyTo(Ram.Bytes(stub, 3));
        }

        Ram.Write(Task + 4, InnerStackTop);
        Ram.Write(Task + 0x24, IstTop);
        Ram.Write(Task + 0x66, (ushort)0x68);
        Ram.Bytes(Task + 0x68, 0x1000 - 0x68).Fill(0xff);
    }

    private void SetState()
    {
        CpuState state = State;
        state.Cr0 = 0x8001_0033;
        state.Cr3 = Tables.Root;
        state.Cr4 = 0x6b0;
        state.Msrs[Msr.Efer] = 0xd01;
        state.Rflags = 2;
        state.Registers[4] = StackTop;
        state.Segments[1] = new SegmentState(KernelCode, 0, uint.MaxValue, 0xa9b);
        foreach (int data in (ReadOnlySpan<int>)[0, 2, 3, 4, 5])
            state.Segments[data] = new SegmentState(KernelData, 0, uint.MaxValue, 0xc93);
        (state.GdtrBase, state.GdtrLimit) = (Gdt, 0x57);
        (state.IdtrBase, state.IdtrLimit) = (Idt, 0xfff);
        state.Tr = new SegmentState(TaskSelector, Task, 0xfff, 0x8b);
    }
}
