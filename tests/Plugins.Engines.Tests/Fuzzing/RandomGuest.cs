using Hospes.Engines.Translator;
using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator.Interpret.System;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Tests.Fuzzing;

/// <summary>Makes a guest of random bytes and runs it for some milliseconds.</summary>
internal sealed class RandomGuest
{
    private const int Memory = 2 << 20;
    private const ulong Tables = 0x10_0000;
    private const ulong Code = 0x8000;
    private const int ExitsAllowed = 8;
    private static readonly TimeSpan Turn = TimeSpan.FromMilliseconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>First bytes of instructions that random bytes seldom hit: system instructions, string moves, far transfers, branches back.</summary>
    private static readonly byte[][] Seasoning =
    [
        [0x0f, 0x30], [0x0f, 0x32], [0x0f, 0x22], [0x0f, 0x20], [0x0f, 0x23], [0x0f, 0x01], [0x0f, 0x00], [0x0f, 0x05], [0x0f, 0x07], [0x0f, 0x34],
        [0x0f, 0x35], [0x48, 0xcf], [0xcf], [0xf4], [0xfb], [0x9d], [0x8e], [0xf3, 0xa4], [0xf3, 0x48, 0xa5], [0xf2, 0xae], [0xea], [0x9a], [0xcb],
        [0x0f, 0xae], [0x0f, 0xc7], [0xf0, 0x0f], [0xcd], [0xeb, 0xf0], [0xe8], [0xff], [0x0f, 0xa2], [0x66, 0x0f, 0x3a], [0x66, 0x0f, 0x38], [0xf3, 0x0f], [0x6c], [0x6f],
        [0x0f, 0x01, 0xc1], [0x0f, 0x01, 0xd9], [0xc4], [0xc5], [0x62], [0xd9], [0xdd], [0x0f, 0xb2], [0x0f, 0xb4], [0x0f, 0x02], [0xc8], [0xc9],
    ];

    private static readonly uint[] Msrs = [Msr.Efer, Msr.FsBase, Msr.GsBase, Msr.Lstar, Msr.Star, Msr.Pat, Msr.SysenterCs, Msr.SysenterEip, Msr.TimestampCounter, Msr.Sfmask];

    /// <summary>Answers how many instructions the guest ran. An exception or a guest that does not stop is the engine's fault.</summary>
    internal ulong Run(GuestKind kind, int seed)
    {
        var random = new Random(seed);
        using var machine = new GuestMachine(Memory, new TranslatorOptions
        {
            ArenaBytes = 2 << 20,
            CompileAfter = (seed % 3) switch { 0 => 0, 1 => 4, _ => int.MaxValue },
            CodeBytes = 1 << 20,
            CountInstructions = true,
        });
        SetState(machine.State, kind, random);
        Fill(machine, random);
        machine.Cpu.Restore(machine.State);
        machine.Host.OnDeviceRead = (_, _) => (ulong)random.NextInt64();
        for (int i = 0; i < ExitsAllowed; i++)
        {
            for (int vectors = random.Next(4); vectors > 0; vectors--)
                machine.Host.Interrupts.Enqueue(random.Next(256));
            machine.Poll((PollBits)random.Next(8) & ~PollBits.Exit);
            CpuExit exit = machine.RunFor(Turn, Patience);
            if (exit is CpuExit.TripleFault or CpuExit.Failed)
                break;
            Disturb(machine, random);
        }

        return machine.Cpu.InstructionsExecuted;
    }

    private static void Disturb(GuestMachine machine, Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                ulong at = Code + (ulong)random.Next(0x2000);
                random.NextBytes(machine.Ram.Bytes(at, 64));
                machine.Machine.ContentWritten(new GuestPhysical(at), 64);
                break;
            case 1:
                var frame = (ulong)random.Next(Memory >> 12);
                machine.Ram.Remap(frame, random.Next(2) == 0 ? null : (ulong)random.Next(Memory >> 12));
                machine.Machine.MappingChanged(new GuestFrame(frame), 1);
                break;
        }
    }

    private static void Fill(GuestMachine machine, Random random)
    {
        Span<byte> all = machine.Ram.Bytes(0, Memory);
        random.NextBytes(all[..0x2_0000]);
        for (int at = (int)Code; at < 0x2_0000; at += random.Next(4, 40))
        {
            byte[] bytes = Seasoning[random.Next(Seasoning.Length)];
            bytes.CopyTo(all[at..(at + bytes.Length)]);
        }

        // Interrupt and descriptor tables that are half-way plausible: targets in memory, types of gates and segments.
        for (ulong at = 0; at < 0x1000; at += 8)
        {
            if (random.Next(4) == 0)
                continue;
            ulong target = Code + (ulong)random.Next(0x4000);
            uint type = ((ReadOnlySpan<uint>)[0x8e, 0x8f, 0xee, 0x86])[random.Next(4)];
            machine.Ram.Write(at, (target & 0xffff) | ((ulong)(uint)random.Next(1, 8) << 19) | ((ulong)(uint)random.Next(8) << 32) | ((ulong)type << 40));
            uint segment = ((ReadOnlySpan<uint>)[0x9b, 0x93, 0xfb, 0xf3, 0x89, 0x82, 0x9f, 0x97])[random.Next(8)];
            machine.Ram.Write(at + 0x1000, 0x000f_0000_0000_ffffUL | ((ulong)segment << 40) | ((ulong)(uint)random.Next(16) << 52));
        }

        FillTables(machine, random);
    }

    /// <summary>Most of the low memory mapped onto itself with some right or other, then a few entries spoilt.</summary>
    private static void FillTables(GuestMachine machine, Random random)
    {
        bool isLong = (machine.State.Msrs[Msr.Efer] & 0x400) != 0;
        var tables = new PageTables(machine.Ram, isLong ? 4 : (machine.State.Cr4 & 0x20) != 0 ? 3 : 2, Tables);
        for (ulong page = 0; page < 0x8_0000; page += 4096)
        {
            ulong rights = random.Next(8) == 0 ? (uint)random.Next(0x200) & ~0x80u : 7u;
            tables.Map(page, random.Next(8) == 0 ? (ulong)(uint)random.Next(Memory >> 12) << 12 : page, rights);
        }

        for (int spoilt = random.Next(8); spoilt > 0; spoilt--)
        {
            ulong at = Tables + ((ulong)random.Next(4) * 4096) + ((ulong)random.Next(0x100) * 8);
            machine.Ram.Write(at, (ulong)random.NextInt64(long.MinValue, long.MaxValue));
        }
    }

    private static void SetState(CpuState state, GuestKind kind, Random random)
    {
        for (int i = 0; i < 16; i++)
            state.Registers[i] = random.Next(3) == 0 ? (ulong)random.NextInt64(long.MinValue, long.MaxValue) : (ulong)random.Next(Memory);
        if (random.Next(2) == 0)
            state.Registers[1] = random.Next(2) == 0 ? Msrs[random.Next(Msrs.Length)] : (ulong)random.Next(0x1000);
        random.NextBytes(state.ExtendedState.AsSpan(0, 24));
        random.NextBytes(state.ExtendedState.AsSpan(32, 384));
        bool wide = kind is GuestKind.Kernel64 or GuestKind.User64;
        bool user = kind == GuestKind.User64 || (kind == GuestKind.Protected32 && random.Next(2) == 0);
        state.Rip = Code + (ulong)random.Next(0x1000);
        state.Rflags = 2 | ((ulong)random.Next() & (kind == GuestKind.Real ? 0xcd5u : 0x24_7fd5u) & (random.Next(4) == 0 ? ~0u : ~0x100u));
        (state.IdtrBase, state.IdtrLimit) = (0, 0xfff);
        (state.GdtrBase, state.GdtrLimit) = (0x1000, 0xfff);
        state.Cr3 = Tables;
        int level = user ? 0x60 : 0;
        for (int i = 0; i < 6; i++)
            state.Segments[i] = new SegmentState((ushort)random.Next(0x10000), 0, uint.MaxValue, (ushort)(0xc93 | level));
        state.Segments[1] = new SegmentState((ushort)(8 | (level >> 5)), 0, uint.MaxValue, (ushort)((wide ? 0xa9b : 0xc9b) | level));
        state.Tr = new SegmentState(0x18, 0x2000, 0xfff, 0x8b);
        switch (kind)
        {
            case GuestKind.Real:
                state.Cr0 = 0x10;
                state.IdtrLimit = 0x3ff;
                for (int i = 0; i < 6; i++)
                    state.Segments[i] = new SegmentState((ushort)random.Next(0x1000), (ulong)random.Next(0x1000) << 4, 0xffff, i == 1 ? (ushort)0x9b : (ushort)0x93);
                break;
            case GuestKind.Protected32:
                state.Cr0 = 0x11 | (random.Next(2) == 0 ? 0x8000_0000u : 0);
                state.Cr4 = (ulong)random.Next() & 0x30_06b0;
                break;
            case GuestKind.Kernel64 or GuestKind.User64:
                state.Cr0 = 0x8000_0033 | ((ulong)(uint)random.Next(2) << 16);
                state.Cr4 = 0x6b0 | ((ulong)random.Next() & 0x31_0004);
                state.Msrs[Msr.Efer] = 0x501 | ((ulong)random.Next(2) << 11);
                break;
            default:
                state.Cr0 = (uint)random.Next() | ((ulong)random.Next(2) << 31);
                state.Cr4 = (ulong)random.Next() & 0x31_07ff;
                state.Msrs[Msr.Efer] = (ulong)random.Next() & 0xd01;
                state.Cr3 = Tables + ((ulong)random.Next(16) << 12);
                state.Rflags = (ulong)random.Next() & 0x3f_ffff;
                for (int i = 0; i < 6; i++)
                    state.Segments[i] = new SegmentState((ushort)random.Next(0x10000), (ulong)random.NextInt64(long.MinValue, long.MaxValue) & (random.Next(2) == 0 ? 0xffffUL : ulong.MaxValue), (uint)random.Next(), (ushort)random.Next(0x1000));
                (state.IdtrBase, state.GdtrBase) = ((ulong)random.NextInt64(), (ulong)random.Next(0x10000));
                break;
        }
    }
}
