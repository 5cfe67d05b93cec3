using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Hospes.Engines.Translator.State;
using Hospes.Sdk.Engines;
using Iced.Intel;

namespace Hospes.Engines.Tests.Equality;

/// <summary>Two equal guests: one runs code through blocks, the other instruction by instruction through the handlers.</summary>
internal sealed unsafe class EnginePair : IDisposable
{
    internal const ulong CodeAt = LongModeGuest.CodeAt;
    internal const ulong StackAt = 0x2e000;
    internal const ulong Data = 0x70000;
    internal const int DataSize = 0x2000;
    internal const ulong ReadOnlyAt = 0x73000;
    private const ulong FsBase = 0x100;
    private const ulong GsBase = unchecked((ulong)-0x80);

    // Emitted code leaves undefined flags as the host has them: the differential tests know which those are.
    private static readonly TranslatorOptions Interpreted = new() { CompileAfter = int.MaxValue };

    private readonly LongModeGuest _blocks = new(Interpreted);
    private readonly LongModeGuest _handlers = new(Interpreted);

    internal EnginePair()
    {
        foreach (LongModeGuest guest in (ReadOnlySpan<LongModeGuest>)[_blocks, _handlers])
        {
            guest.Tables.Map(Data + DataSize, 0, 0);
            guest.Tables.Map(ReadOnlyAt, ReadOnlyAt, PageTables.Present);
            guest.Machine.Cpu.Restore(guest.State);
        }
    }

    /// <summary>Null when both did the same; else what differs and the code.</summary>
    internal string? Compare(GeneratedBlock block, ref int faults)
    {
        Prepare(_blocks, block);
        Prepare(_handlers, block);
        _blocks.Machine.Machine.ContentWritten(new Sdk.GuestPhysical(CodeAt), 4096);
        _blocks.Machine.Start();
        FaultReport? fault = _blocks.Fault();
        int? vector = ByHandlers(block, out uint error);
        if (vector is not null)
            faults++;
        string? difference = Difference(fault, vector, error);
        return difference is null ? null : $"{difference}\n{block.Listing()}\nregisters {string.Join(' ', block.Registers.Select(r => r.ToString("x")))} flags {block.Flags:x}";
    }

    public void Dispose()
    {
        _blocks.Dispose();
        _handlers.Dispose();
    }

    private static void Prepare(LongModeGuest guest, GeneratedBlock block)
    {
        new Random(block.DataSeed).NextBytes(guest.Ram.Bytes(Data, DataSize));
        new Random(block.DataSeed + 1).NextBytes(guest.Ram.Bytes(StackAt - 0x1000, 0x3000));
        block.Code.CopyTo(guest.Ram.Bytes(CodeAt, block.Code.Length));
        block.Registers.CopyTo(guest.State.Registers, 0);
        guest.State.Rip = CodeAt;
        guest.State.Rflags = block.Flags;
        guest.State.Cr2 = 0;
        guest.State.Segments[1] = new SegmentState(LongModeGuest.KernelCode, 0, uint.MaxValue, 0xa9b);
        guest.State.Segments[4] = new SegmentState(0, FsBase, uint.MaxValue, 0xc93);
        guest.State.Segments[5] = new SegmentState(0, GsBase, uint.MaxValue, 0xc93);
        new Random(block.DataSeed + 2).NextBytes(guest.State.ExtendedState.AsSpan(160, 256));
        for (int vector = 0; vector < 32; vector++)
            guest.Gate(vector, LongModeGuest.Stubs + ((ulong)vector * 16), ist: 1);
    }

    private int? ByHandlers(GeneratedBlock block, out uint error)
    {
        TranslatorCpu cpu = _handlers.Machine.Cpu;
        cpu.Restore(_handlers.State);
        int? vector = null;
        error = 0;
        for (int steps = 0; steps < 1000; steps++)
        {
            var at = (int)(cpu.C->Rip - CodeAt);
            var decoder = Decoder.Create(64, new ByteArrayCodeReader(block.Code, at, block.Code.Length - at));
            decoder.Decode(out Instruction instruction);
            StepResult result = cpu.ExecuteOne(instruction);
            if (instruction.Mnemonic == Mnemonic.Out)
                break;
            if (result == StepResult.Fault)
            {
                vector = cpu.C->FaultVector;
                error = cpu.C->FaultError;
                break;
            }
        }

        cpu.Capture(_handlers.State);
        return vector;
    }

    private string? Difference(FaultReport? fault, int? vector, uint error)
    {
        CpuState left = _blocks.State;
        CpuState right = _handlers.State;
        if (fault?.Vector != vector)
            return $"blocks ended with {fault}, handlers with vector {vector}";
        ulong leftRip = fault?.Rip ?? left.Rip;
        ulong leftFlags = (fault?.Flags ?? left.Rflags) & 0x8d5;
        if (fault is not null)
        {
            left.Registers[4] = fault.Rsp!.Value;
            if (fault.Error is { } code && code != error)
                return $"error codes {code:x} and {error:x}";
        }

        if (leftRip != right.Rip)
            return $"instruction pointers {leftRip:x} and {right.Rip:x}";
        if (left.Cr2 != right.Cr2)
            return $"page-fault addresses {left.Cr2:x} and {right.Cr2:x}";
        if (leftFlags != (right.Rflags & 0x8d5))
            return $"flags {leftFlags:x} and {right.Rflags & 0x8d5:x}";
        for (int i = 0; i < 16; i++)
        {
            if (left.Registers[i] != right.Registers[i])
                return $"{Register.RAX + i} {left.Registers[i]:x} and {right.Registers[i]:x}";
        }

        if (!left.ExtendedState.AsSpan(160, 256).SequenceEqual(right.ExtendedState.AsSpan(160, 256)))
            return "vector registers differ";
        foreach ((ulong start, int length) in (ReadOnlySpan<(ulong, int)>)[(Data, DataSize), (StackAt - 0x1000, 0x3000), (ReadOnlyAt, 0x1000)])
        {
            int same = _blocks.Ram.Bytes(start, length).CommonPrefixLength(_handlers.Ram.Bytes(start, length));
            if (same != length)
                return $"memory differs at {start + (ulong)same:x}";
        }

        return null;
    }
}
