using Hospes.Engines.Tests.Machines;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>What one CPU sees of the other's loads and stores.</summary>
public abstract partial class ParallelTests
{
    [Fact]
    public void What_was_stored_first_is_seen_first()
    {
        const int Rounds = 3_000_000;
        uint[] answers = _guest.Run(
            static a =>
            {
                Label again = a.CreateLabel();
                a.mov(rbx, Shared);
                a.mov(rcx, Flag);
                a.xor(eax, eax);
                a.Label(ref again);
                a.inc(eax);
                a.mov(__dword_ptr[rbx], eax);
                a.mov(__dword_ptr[rcx], eax);
                a.cmp(eax, Rounds);
                a.jne(again);
                a.mov(eax, 1);
                a.@out(0xf4, al);
            },
            static a =>
            {
                Label again = a.CreateLabel();
                Label end = a.CreateLabel();
                a.mov(rbx, Shared);
                a.mov(rcx, Flag);
                a.xor(r8d, r8d);
                a.Label(ref again);
                a.mov(edx, __dword_ptr[rcx]);
                a.mov(eax, __dword_ptr[rbx]);
                a.cmp(eax, edx);
                a.jb(end);
                a.cmp(edx, Rounds);
                a.jne(again);
                a.mov(r8d, 1);
                a.Label(ref end);
                a.mov(eax, r8d);
                a.@out(0xf4, al);
            });
        answers.Should().Equal(1u, 1u);
    }

    [Theory]
    [InlineData("mfence")]
    [InlineData("xchg")]
    [InlineData("lock or")]
    public void A_fence_lets_no_load_pass_a_store(string fence)
    {
        // Both CPUs store the round's number to their word and load the other's: one at least must see the other's store. Who ends counts to the last
        // number there is, so that nobody waits for him.
        const int Rounds = 20_000;
        const ulong Ended = Answer;
        Action<Assembler> Side(int mine, int others) => a =>
        {
            Label again = a.CreateLabel();
            Label meet = a.CreateLabel();
            Label end = a.CreateLabel();
            a.mov(rbx, Shared);
            a.mov(rsi, Flag);
            a.mov(r11, ParallelGuest.Stop);
            a.mov(r10, Other + ((ulong)mine * 0x80000));
            a.xor(r8d, r8d);
            a.Label(ref again);
            a.inc(r8d);
            a.mov(__dword_ptr[rsi + (mine * 64)], r8d);
            a.Label(ref meet);
            a.mov(eax, __dword_ptr[rsi + (others * 64)]);
            a.cmp(eax, -1);
            a.je(end);
            a.cmp(eax, r8d);
            a.jb(meet);
            switch (fence)
            {
                case "mfence":
                    a.mov(__dword_ptr[rbx + (mine * 64)], r8d);
                    a.mfence();
                    break;
                case "xchg":
                    a.mov(eax, r8d);
                    a.xchg(__dword_ptr[rbx + (mine * 64)], eax);
                    break;
                default:
                    a.mov(__dword_ptr[rbx + (mine * 64)], r8d);
                    a.@lock.or(__dword_ptr[rsp - 64], 0);
                    break;
            }

            a.mov(eax, __dword_ptr[rbx + (others * 64)]);
            a.mov(__dword_ptr[r10 + (r8 * 4)], eax);
            a.mov(rax, Ended + ((ulong)mine * 64));
            a.mov(__dword_ptr[rax], r8d);
            a.cmp(__dword_ptr[r11], 0);
            a.jne(end);
            a.cmp(r8d, Rounds);
            a.jne(again);
            a.Label(ref end);
            a.mov(__dword_ptr[rsi + (mine * 64)], -1);
            a.@out(0xf4, al);
        };
        _guest.Run(Side(0, 1), Side(1, 0));
        uint rounds = Math.Min(_guest.Ram.Read<uint>(Ended), _guest.Ram.Read<uint>(Ended + 64));
        rounds.Should().BePositive();
        for (uint round = 1; round <= rounds; round++)
        {
            bool first = _guest.Ram.Read<uint>(Other + (round * 4)) >= round;
            bool second = _guest.Ram.Read<uint>(Other + 0x80000 + (round * 4)) >= round;
            (first || second).Should().BeTrue($"both loads of round {round} passed the stores before them");
        }
    }
}
