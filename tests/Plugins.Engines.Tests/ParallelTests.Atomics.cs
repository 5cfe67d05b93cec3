using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>Locked operations.</summary>
public abstract partial class ParallelTests
{
    [Fact]
    public void A_spin_lock_guards_what_is_not_atomic()
    {
        const int Rounds = 50_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label taken = a.CreateLabel();
            Label spin = a.CreateLabel();
            a.mov(rbx, Shared);
            a.mov(ecx, Rounds);
            a.Label(ref again);
            a.mov(eax, 1);
            a.xchg(__dword_ptr[rbx], eax);
            a.test(eax, eax);
            a.je(taken);
            a.Label(ref spin);
            a.pause();
            a.cmp(__dword_ptr[rbx], 0);
            a.jne(spin);
            a.jmp(again);
            a.Label(ref taken);
            a.inc(__qword_ptr[rbx + 8]);
            a.mov(rdx, __qword_ptr[rbx + 64]);
            a.add(rdx, 3);
            a.mov(__qword_ptr[rbx + 64], rdx);
            a.mov(__dword_ptr[rbx], 0);
            a.dec(ecx);
            a.jne(again);
            a.@out(0xf4, al);
        });
        guest.Ram.Read<ulong>(Shared + 8).Should().Be(4 * Rounds);
        guest.Ram.Read<ulong>(Shared + 64).Should().Be(4 * 3 * Rounds);
    }

    [Fact]
    public void Locked_operations_of_every_size_lose_nothing()
    {
        const int Rounds = 20_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            Label exchange = a.CreateLabel();
            Label wide = a.CreateLabel();
            Label taken = a.CreateLabel();
            a.mov(r9, Shared);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.@lock.inc(__byte_ptr[r9]);
            a.@lock.add(__word_ptr[r9 + 2], 3);
            a.@lock.sub(__dword_ptr[r9 + 4], 5);
            a.mov(r10d, 7);
            a.@lock.xadd(__qword_ptr[r9 + 8], r10);
            a.mov(rax, __qword_ptr[r9 + 16]);
            a.Label(ref exchange);
            a.lea(r11, __[rax + 11]);
            a.@lock.cmpxchg(__qword_ptr[r9 + 16], r11);
            a.jne(exchange);
            a.@lock.add(__qword_ptr[r9 + 61], 13); // over the end of a cache line
            a.mov(eax, __dword_ptr[r9 + 128]);
            a.mov(edx, __dword_ptr[r9 + 132]);
            a.Label(ref wide);
            a.mov(ebx, eax);
            a.mov(ecx, edx);
            a.add(ebx, 1);
            a.adc(ecx, 1);
            a.@lock.cmpxchg8b(__qword_ptr[r9 + 128]);
            a.jne(wide);
            a.Label(ref taken); // a lock of bits
            a.@lock.bts(__qword_ptr[r9 + 192], 17);
            a.jb(taken);
            a.inc(__qword_ptr[r9 + 200]);
            a.@lock.btr(__qword_ptr[r9 + 192], 17);
            a.dec(r8d);
            a.jne(again);
            a.@out(0xf4, al);
        });
        const ulong Total = 4 * Rounds;
        guest.Ram.Read<byte>(Shared).Should().Be(unchecked((byte)Total));
        guest.Ram.Read<ushort>(Shared + 2).Should().Be(unchecked((ushort)(3 * Total)));
        guest.Ram.Read<uint>(Shared + 4).Should().Be(unchecked((uint)-(long)(5 * Total)));
        guest.Ram.Read<ulong>(Shared + 8).Should().Be(7 * Total);
        guest.Ram.Read<ulong>(Shared + 16).Should().Be(11 * Total);
        guest.Ram.Read<ulong>(Shared + 61).Should().Be(13 * Total);
        guest.Ram.Read<ulong>(Shared + 128).Should().Be((Total << 32) + Total);
        guest.Ram.Read<ulong>(Shared + 200).Should().Be(Total);
    }

    [Fact]
    public void Locked_operations_across_pages_lose_nothing_against_each_other()
    {
        const int Rounds = 20_000;
        _guest.Run(static a =>
        {
            Label again = a.CreateLabel();
            a.mov(r9, Shared + 0xffd);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.@lock.add(__qword_ptr[r9], 0x10001);
            a.dec(r8d);
            a.jne(again);
            a.@out(0xf4, al);
        });
        _guest.Ram.Read<ulong>(Shared + 0xffd).Should().Be(2UL * Rounds * 0x10001);
    }

    [Fact]
    public void CMPXCHG16B_is_never_seen_half_done()
    {
        // Two writers keep (n, ~n); a reader takes both halves with one aligned 16-byte load; a fourth CPU counts in a third pair by XADD of one half
        // while the writers count in its other half.
        const int Rounds = 200_000;
        using var guest = new ParallelGuest(cpus: 4, _options);
        guest.Ram.Write(Shared + 8, ulong.MaxValue);
        Action<Assembler> writer = static a =>
        {
            Label again = a.CreateLabel();
            Label retry = a.CreateLabel();
            Label count = a.CreateLabel();
            a.mov(r9, Shared);
            a.mov(r8d, Rounds);
            a.Label(ref again);
            a.mov(rax, __qword_ptr[r9]);
            a.mov(rdx, __qword_ptr[r9 + 8]);
            a.Label(ref retry);
            a.lea(rbx, __[rax + 1]);
            a.mov(rcx, rbx);
            a.not(rcx);
            a.@lock.cmpxchg16b(__xmmword_ptr[r9]);
            a.jne(retry);
            a.mov(rax, __qword_ptr[r9 + 64]);
            a.mov(rdx, __qword_ptr[r9 + 72]);
            a.Label(ref count);
            a.mov(rbx, rax);
            a.lea(rcx, __[rdx + 1]);
            a.@lock.cmpxchg16b(__xmmword_ptr[r9 + 64]);
            a.jne(count);
            a.dec(r8d);
            a.jne(again);
            a.@lock.inc(__dword_ptr[r9 + 128]);
            a.mov(eax, 1);
            a.@out(0xf4, al);
        };
        uint[] answers = guest.Run(
            writer,
            writer,
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(r9, Shared);
                a.xor(r10d, r10d);
                a.Label(ref again);
                a.movdqa(xmm0, __xmmword_ptr[r9]);
                a.movq(rax, xmm0);
                a.psrldq(xmm0, 8);
                a.movq(rdx, xmm0);
                a.not(rdx);
                a.cmp(rax, rdx);
                a.jne(end);
                a.cmp(__dword_ptr[r9 + 128], 2);
                a.jne(again);
                a.mov(r10d, 1);
                a.Label(ref end);
                a.mov(eax, r10d);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                a.mov(r9, Shared);
                a.mov(r8d, Rounds);
                a.Label(ref again);
                a.mov(eax, 1);
                a.@lock.xadd(__qword_ptr[r9 + 64], rax);
                a.dec(r8d);
                a.jne(again);
                a.mov(eax, 1);
                a.@out(0xf4, al);
            });
        answers.Should().AllBeEquivalentTo(1u, "a reader that sees a torn pair answers 0");
        guest.Ram.Read<ulong>(Shared).Should().Be(2 * Rounds);
        guest.Ram.Read<ulong>(Shared + 64).Should().Be(Rounds);
        guest.Ram.Read<ulong>(Shared + 72).Should().Be(2 * Rounds);
    }
}
