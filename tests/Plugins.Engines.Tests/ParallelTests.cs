using Hospes.Engines.Tests.Machines;
using Hospes.Engines.Translator;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Engines.Tests;

/// <summary>
/// Several CPUs over one memory: LOCKed operations, memory order (Intel SDM volume 3, sections 9.1 and 9.2), code changed by another CPU (9.1.3),
/// translations and memory taken away while others use them.
/// </summary>
public abstract partial class ParallelTests : IDisposable
{
    private const ulong Shared = ParallelGuest.Data;
    private const ulong Flag = ParallelGuest.Data + 0x1000;
    private const ulong Answer = ParallelGuest.Data + 0x2000;
    private const ulong Other = ParallelGuest.Data + 0x10000;
    private const ulong Window = 0x7000_0000;

    private readonly TranslatorOptions _options;
    private readonly ParallelGuest _guest;

    /// <param name="compileAfter">As <see cref="TranslatorOptions.CompileAfter"/>.</param>
    protected ParallelTests(int compileAfter)
    {
        _options = new TranslatorOptions { CompileAfter = compileAfter };
        _guest = new ParallelGuest(cpus: 2, _options);
    }

    public void Dispose()
    {
        _guest.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_halted_cpu_is_woken_by_the_other()
    {
        // The answer counts interrupts of both, and an odd count is CPU 1's turn: each sleeps until it is its turn, and then interrupts the other.
        const int Rounds = 500;
        _guest.Base.Handler(ParallelHost.Vector, 0x6_0000, static a =>
        {
            a.push(rax);
            a.mov(rax, Answer);
            a.@lock.inc(__dword_ptr[rax]);
            a.pop(rax);
            a.iretq();
        });
        Action<Assembler> Side(int me) => a =>
        {
            Label again = a.CreateLabel();
            Label sleep = a.CreateLabel();
            Label awake = a.CreateLabel();
            a.mov(rbx, Answer);
            a.mov(r8d, me);
            a.Label(ref again);
            a.cli();
            a.cmp(__dword_ptr[rbx], r8d);
            a.jae(awake);
            a.Label(ref sleep);
            a.sti();
            a.hlt();
            a.jmp(again);
            a.Label(ref awake);
            a.sti();
            a.mov(eax, 1 - me);
            a.@out(unchecked((byte)ParallelHost.InterruptPort), al);
            a.add(r8d, 2);
            a.cmp(r8d, 2 * Rounds);
            a.jb(again);
            a.@out(0xf4, al);
        };
        _guest.Run(Side(0), Side(1));
        _guest.Ram.Read<uint>(Answer).Should().BeInRange((2 * Rounds) - 1, 2 * Rounds, "the last interrupt may find its CPU at the end");
    }
}
