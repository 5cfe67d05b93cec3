using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>REP MOVS and REP STOS as host code and by handler: the same memory, registers and faults, over page ends and each other, up and down.</summary>
public sealed class RepeatedStringTests
{
    private const ulong Area = 0x60_0000;
    private const ulong Frame = 0x80000;
    private const int Pages = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Compiled_and_interpreted_do_the_same(int seed)
    {
        Random random = new(seed);
        int faults = 0;
        for (int round = 0; round < 150; round++)
        {
            bool moves = random.Next(2) == 0, down = random.Next(5) == 0;
            int size = 1 << random.Next(4);
            if (size == 2)
                size = 1;
            ulong count = (ulong)(random.Next(4) switch { 0 => random.Next(3), 1 => 4096 / size, 2 => random.Next(5000 / size), _ => random.Next(64) });

            // Now and then outside: in front is nothing, behind is a page that can only be read.
            ulong from = Area + (ulong)random.Next(0, (Pages + 1) * 4096) - (ulong)(random.Next(8) == 0 ? 2048 : 0);
            ulong to = random.Next(3) == 0 ? from + (ulong)random.Next(32) - 16 : Area + (ulong)random.Next(0, Pages * 4096);
            string[] seen = [Outcome(int.MaxValue, moves, down, size, count, from, to, out bool faulted), Outcome(0, moves, down, size, count, from, to, out _)];
            seen[1].Should().Be(seen[0], $"{(moves ? "movs" : "stos")} of {size} bytes, {count} times, {(down ? "down" : "up")} from {from:x} to {to:x}");
            faults += faulted ? 1 : 0;
        }

        faults.Should().BeInRange(3, 75);
    }

    private static string Outcome(int compileAfter, bool moves, bool down, int size, ulong count, ulong from, ulong to, out bool faulted)
    {
        using LongModeGuest guest = new(new TranslatorOptions { CompileAfter = compileAfter });
        for (ulong page = 0; page < Pages; page++)
            guest.Tables.Map(Area + (page * 4096), Frame + (page * 4096));
        guest.Tables.Map(Area + (Pages * 4096), Frame + (Pages * 4096), PageTables.Present);
        Span<byte> memory = guest.Ram.Bytes(Frame, (Pages + 1) * 4096);
        for (int i = 0; i < memory.Length; i++)
            memory[i] = (byte)((i * 7) ^ (i >> 8));
        guest.Run(a =>
        {
            a.mov(rbx, Area);
            for (ulong page = 0; page <= Pages; page++)
                a.mov(rax, __[rbx + (int)(page * 4096)]); // the TLB knows some of it
            a.mov(__[rbx + 4096], rax);
            a.mov(rsi, from);
            a.mov(rdi, to);
            a.mov(rcx, count);
            a.mov(rax, 0x8877_6655_4433_2211UL);
            if (down)
                a.std();
            a.cmp(eax, 1);
            switch (moves, size)
            {
                case (true, 1): a.rep.movsb(); break;
                case (true, 4): a.rep.movsd(); break;
                case (true, _): a.rep.movsq(); break;
                case (false, 1): a.rep.stosb(); break;
                case (false, 4): a.rep.stosd(); break;
                default: a.rep.stosq(); break;
            }

            a.seta(bl);
            a.cld();
            a.@out(0xf4, al);
        });
        FaultReport? fault = guest.Fault();
        faulted = fault is not null;
        ulong sum = 14695981039346656037;
        foreach (byte value in guest.Ram.Bytes(Frame, (Pages + 1) * 4096))
            sum = (sum ^ value) * 1099511628211;
        return $"{sum:x} {string.Join(' ', guest.State.Registers.Select(static register => $"{register:x}"))} {fault}";
    }
}
