using System.Runtime.InteropServices;
using Hospes.Engines.Translator.Memory;

namespace Hospes.Engines.Translator.State;

/// <summary>
/// One virtual CPU's state in native memory, at addresses that do not move: the interpreter and emitted code both work on it. Everything
/// architectural is here except flags that are still owed (see <see cref="FlagKind"/>).
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CpuContext
{
    /// <summary>Slots of <see cref="Gpr"/> beyond the sixteen registers, so that an effective address is a sum without branches.</summary>
    internal const int ZeroSlot = 16;

    /// <summary>The instruction pointer at the start of the running block: base of RIP-relative operands.</summary>
    internal const int BlockSlot = 17;

    /// <summary>FS base.</summary>
    internal const int FsBaseSlot = 18;

    /// <summary>GS base.</summary>
    internal const int GsBaseSlot = 19;

    /// <summary>The next instruction, outside blocks and while a handler runs.</summary>
    internal ulong Rip;

    /// <summary>Linear address of the page that emitted code was made from, where it runs now.</summary>
    internal ulong CodePage;

    /// <summary>The arithmetic flags while emitted code runs and they are not in the host's: OF in bit 0, SF to CF in bits 15-8 as in EFLAGS 7-0.</summary>
    internal ulong NativeFlags;

    /// <summary>Why emitted code came back: number of its exit.</summary>
    internal ulong Exit;

    /// <summary>The linear address that a memory exit missed.</summary>
    internal ulong ExitLinear;

    /// <summary>The target of a call through memory while the return address is pushed.</summary>
    internal ulong CallTarget;

    /// <summary>The poll word (<see cref="Sdk.Engines.PollBits"/>); may lie in shared memory.</summary>
    internal uint* Poll;

    /// <summary>TLB of the current privilege and SMAP state: one of <see cref="Tlbs"/>.</summary>
    internal TlbEntry* Tlb;

    /// <summary>The TLBs: supervisor, supervisor that may touch user pages, and users' by address space, each <see cref="TlbEntry.Stride"/> from the last.</summary>
    internal TlbEntry* Tlbs;

    /// <summary>Emitted code's own jump cache.</summary>
    internal Native.NativeJump* Jumps;

    /// <summary>The key under which entries of <see cref="Jumps"/> are valid now.</summary>
    internal ulong JumpKey;

    /// <summary>Instructions of the blocks that were entered.</summary>
    internal ulong Instructions;

    /// <summary>The tag of a recent page that is none: see <see cref="TlbEntry"/>. Outside the canonical range.</summary>
    internal ulong NoPage;

    /// <summary>The host's stack pointer while emitted code runs.</summary>
    internal ulong HostStack;

    /// <summary>Where emitted code's own calls leave the return address: they have the context for a stack.</summary>
    internal ulong ReturnAddress;

    /// <summary>rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8 to r15, and the slots above. Emitted code's base: <see cref="Native.ContextOffsets.Bias"/>.</summary>
    internal fixed ulong Gpr[20];

    /// <summary>Host minus linear address of the pages of the running block's access groups.</summary>
    internal fixed ulong Deltas[Native.AccessGroups.Maximum];

    /// <summary>Whether emitted code may use vector registers: 0 no, 1 yes, 2 yes and MXCSR is the guest's.</summary>
    internal uint VectorState;

    internal uint HostMxcsr;

    /// <summary>Whether the host's x87 registers have the guest's values: see <see cref="Native.FpuResidence"/>.</summary>
    internal Native.FpuResidence FpuResidence;

    /// <summary>Of the last x87 instruction that emitted code executed, the place in its page (negative: none since the registers were loaded), and the page.</summary>
    internal int FpuPlace;

    internal ulong FpuPage;

    /// <summary>The guest's x87 registers on their way into the host's and back: see <see cref="Native.FpuImage"/>.</summary>
    internal fixed byte FpuImage[Native.FpuImage.Size];

    /// <summary>By <see cref="Native.LookUpCounter"/>.</summary>
    internal fixed ulong LookUps[(int)Native.LookUpCounter.SecondMissed + 1];

    /// <summary>Registers that a routine of emitted code borrows.</summary>
    internal fixed ulong Borrowed[2];

    /// <summary>The instruction a handler is executing: where a fault returns to.</summary>
    internal ulong InstructionStart;

    /// <summary>Result of the last flag-setting operation, sign-extended to 64 bits; the arithmetic flags themselves for <see cref="FlagKind.Explicit"/>.</summary>
    internal ulong FlagResult;

    /// <summary>Its left operand, sign-extended.</summary>
    internal ulong FlagLeft;

    /// <summary>Its right operand, sign-extended; the kept carry for INC and DEC.</summary>
    internal ulong FlagRight;

    /// <summary>How to make flags from the three values above.</summary>
    internal FlagKind FlagKind;

    /// <summary>EFLAGS without CF, PF, AF, ZF, SF, OF.</summary>
    internal uint SystemFlags;

    /// <summary>Current privilege level.</summary>
    internal int Cpl;

    /// <summary>What the instruction pointer is relative to: the base of CS, zero in 64-bit code.</summary>
    internal ulong CodeBase;

    /// <summary>Selects decoders and blocks: code size and what else changes the meaning of bytes.</summary>
    internal CpuMode Mode;

    internal ulong Cr0;
    internal ulong Cr2;
    internal ulong Cr3;
    internal ulong Cr4;
    internal ulong Efer;
    internal ulong Xcr0;

    internal Segment Es;
    internal Segment Cs;
    internal Segment Ss;
    internal Segment Ds;

    /// <summary>FS; its base is in <see cref="FsBaseSlot"/>.</summary>
    internal Segment Fs;

    /// <summary>GS; its base is in <see cref="GsBaseSlot"/>.</summary>
    internal Segment Gs;

    internal Segment Ldtr;
    internal Segment Tr;
    internal ulong GdtrBase;
    internal ulong IdtrBase;
    internal ushort GdtrLimit;
    internal ushort IdtrLimit;

    /// <summary>The next boundary takes no interrupt.</summary>
    internal bool InterruptShadow;

    /// <summary>An interrupt was asked for while the guest takes none: the poll word is asked again when the guest does.</summary>
    internal bool InterruptHeld;

    internal bool NmiBlocked;
    internal bool IsHalted;

    /// <summary>dr0-3, 6, 7.</summary>
    internal fixed ulong Debug[8];

    internal ulong Star;
    internal ulong Lstar;
    internal ulong Cstar;
    internal ulong Sfmask;
    internal ulong KernelGsBase;
    internal ulong SysenterCs;
    internal ulong SysenterEsp;
    internal ulong SysenterEip;
    internal ulong TscAux;
    internal ulong Pat;
    internal ulong MtrrDefault;
    internal ulong MiscEnable;
    internal ulong TscOffset;

    /// <summary>What is to be added to the host's clock, beside <see cref="TscOffset"/>, if <see cref="TscIsClock"/>.</summary>
    internal long TscBase;

    /// <summary>Not 0: the counter is the host's monotonic clock, which emitted code reads by itself.</summary>
    internal ulong TscIsClock;

    /// <summary>Puts what follows at a multiple of 16 bytes: a register that lies across two cache lines costs twice.</summary>
    internal ulong VectorAlignment;

    /// <summary>xmm0-15, 32 bytes apart so that ymm fits.</summary>
    internal fixed byte Vector[16 * 32];

    internal uint Mxcsr;

    /// <summary>x87 significands of the physical registers R0-R7 (also mm0-7).</summary>
    internal fixed ulong FpuSignificand[8];

    /// <summary>x87 sign and exponent of R0-R7.</summary>
    internal fixed ushort FpuExponent[8];

    /// <summary>Bit n set: R<em>n</em> holds a value (the abridged tag word of FXSAVE).</summary>
    internal byte FpuTags;

    /// <summary>Top of stack, 0-7.</summary>
    internal byte FpuTop;

    internal ushort FpuControl;

    /// <summary>Status word without TOP.</summary>
    internal ushort FpuStatus;

    internal ushort FpuOpcode;
    internal ulong FpuInstruction;
    internal ulong FpuData;
    internal ushort FpuInstructionSelector;
    internal ushort FpuDataSelector;

    /// <summary>What the slow way of a load read, zero-extended: a place that keeps the fast way's locals in registers.</summary>
    internal ulong Scratch;

    /// <summary>The exception that a handler raised, and its error code; valid after <see cref="StepResult.Fault"/>.</summary>
    internal byte FaultVector;

    internal bool FaultHasError;
    internal uint FaultError;
}
