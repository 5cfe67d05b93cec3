using Hospes.Differential.Native;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Hospes.Differential.Machines;

/// <summary>
/// A signal handler in machine code: when a fault comes from the instruction under test, it notes vector, error code and address, and resumes at the
/// trampoline's exit with all registers as the fault left them. Any other fault goes to the handler that was there before (the runtime's).
/// </summary>
/// <remarks>
/// Safe because it calls nothing, touches only the state it was given, and passes on what isn't its own. Offsets are those of x86-64 Linux
/// <c>ucontext_t</c>: general registers from byte 40, in the order r8-r15, rdi, rsi, rbp, rbx, rdx, rax, rcx, rsp, rip, eflags, segments, error
/// code, trap number, old mask, cr2.
/// </remarks>
internal sealed unsafe class FaultCatcher : IDisposable
{
    private const int ContextRip = 40 + (16 * 8);
    private const int ContextError = 40 + (19 * 8);
    private const int ContextTrap = 40 + (20 * 8);
    private const int ContextCr2 = 40 + (22 * 8);

    // SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV
    private static readonly int[] Signals = [4, 5, 7, 8, 11];

    private readonly SignalAction[] _previous = new SignalAction[Signals.Length];

    /// <param name="at">Where to put the handlers.</param>
    /// <param name="code">The instruction under test.</param>
    /// <param name="codeLength">Its length at most.</param>
    /// <param name="output">The <see cref="MachineState"/> that gets the fault.</param>
    /// <param name="exit">Where to resume.</param>
    internal FaultCatcher(ulong at, ulong code, int codeLength, ulong output, ulong exit)
    {
        for (int i = 0; i < Signals.Length; i++)
        {
            SignalAction previous;
            if (Libc.SigAction(Signals[i], null, &previous) != 0)
                throw Libc.Failure($"cannot read the handler of signal {Signals[i]}");
            _previous[i] = previous;
            Emit(at, code, codeLength, output, exit, previous.Handler);
            var action = new SignalAction { Handler = (nint)at, Flags = SignalAction.InformOnOwnStack };
            for (int word = 0; word < 16; word++)
                action.Mask[word] = previous.Mask[word];
            if (Libc.SigAction(Signals[i], &action, null) != 0)
                throw Libc.Failure($"cannot set the handler of signal {Signals[i]}");
            at += 0x80;
        }
    }

    public void Dispose()
    {
        for (int i = 0; i < Signals.Length; i++)
        {
            SignalAction previous = _previous[i];
            if (Libc.SigAction(Signals[i], &previous, null) != 0)
                throw Libc.Failure($"cannot give signal {Signals[i]} back");
        }
    }

    // rdi: signal, rsi: siginfo, rdx: ucontext.
    private static void Emit(ulong at, ulong code, int codeLength, ulong output, ulong exit, nint previous)
    {
        var a = new Assembler(64);
        Label foreign = a.CreateLabel();
        a.mov(rax, __qword_ptr[rdx + ContextRip]);
        a.mov(rcx, rax);
        a.sub(rcx, (int)code);
        a.cmp(rcx, codeLength);
        a.ja(foreign);
        a.mov(__qword_ptr[output + MachineState.RipOffset], rax);
        foreach ((int from, int to) in new[] { (ContextError, MachineState.ErrorOffset), (ContextTrap, MachineState.VectorOffset), (ContextCr2, MachineState.FaultAddressOffset) })
        {
            a.mov(rcx, __qword_ptr[rdx + from]);
            a.mov(__qword_ptr[output + (ulong)to], rcx);
        }

        a.mov(eax, (uint)exit);
        a.mov(__qword_ptr[rdx + ContextRip], rax);
        a.ret();
        a.Label(ref foreign);
        a.mov(rax, (ulong)previous);
        a.jmp(rax);
        using var stream = new MemoryStream();
        if (!a.TryAssemble(new StreamCodeWriter(stream), at, out string? error, out _))
            throw new InvalidOperationException($"cannot assemble the signal handler: {error}");
        stream.ToArray().CopyTo(new Span<byte>((byte*)at, (int)stream.Length));
    }
}
