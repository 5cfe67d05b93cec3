namespace Hospes.Engines.Translator.Native;

/// <summary>
/// The host's registers by number, and which guest register lives in which. Six keep their numbers because instructions use them implicitly; the host's
/// stack pointer is the context; four guest registers that compilers use least stay in the context.
/// </summary>
internal static class HostRegisters
{
    internal const int Rax = 0;
    internal const int Rcx = 1;
    internal const int Rdx = 2;
    internal const int Rbx = 3;
    internal const int Rsp = 4;
    internal const int Rbp = 5;
    internal const int Rsi = 6;
    internal const int Rdi = 7;

    /// <summary>
    /// Points <see cref="ContextOffsets.Bias"/> bytes into the context, so that one-byte displacements reach what is used most. A signal leaves that many
    /// bytes below the stack pointer alone (System V ABI, red zone) and finds room for its frame below the context.
    /// </summary>
    internal const int Context = Rsp;

    /// <summary>The TLB of the current privilege: the context's, at hand.</summary>
    internal const int Tlb = Rbp;

    /// <summary>First scratch register: linear and then host address of a memory operand.</summary>
    internal const int Address = 14;

    /// <summary>Second scratch register.</summary>
    internal const int Scratch = 15;

    /// <summary>Guest number of the stack pointer.</summary>
    internal const int GuestStack = 4;

    /// <summary>Guest number of the frame pointer.</summary>
    internal const int GuestFrame = 5;

    private const sbyte InContext = -1;

    // rax rcx rdx rbx rsp rbp rsi rdi r8 r9 r10 r11 r12 r13 r14 r15
    private static readonly sbyte[] Places = [0, 1, 2, 3, 12, 13, 6, 7, 8, 9, InContext, InContext, 10, 11, InContext, InContext];

    /// <summary>The host register that holds a guest register; negative: it is in the context.</summary>
    internal static int Of(int guest) => Places[guest];

    /// <summary>Whether a guest register is in a host register while emitted code runs.</summary>
    internal static bool IsMapped(int guest) => Places[guest] >= 0;
}
