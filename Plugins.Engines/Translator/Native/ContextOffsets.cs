using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Native;

/// <summary>Where things are in the context, relative to <see cref="HostRegisters.Context"/>.</summary>
internal static unsafe class ContextOffsets
{
    /// <summary>Bytes of the context below the base: up to the general registers.</summary>
    internal const int Bias = 15 * sizeof(ulong);

    internal static readonly int Rip;
    internal static readonly int CodePage;
    internal static readonly int Flags;
    internal static readonly int Exit;
    internal static readonly int ExitLinear;
    internal static readonly int CallTarget;
    internal static readonly int Instructions;
    internal static readonly int InterruptHeld;
    internal static readonly int Tlbs;
    internal static readonly int KernelGsBase;
    internal static readonly int Cr0;
    internal static readonly int Cr2;
    internal static readonly int Cr3;
    internal static readonly int Cr4;
    internal static readonly int Jumps;
    internal static readonly int JumpKey;
    internal static readonly int VectorState;
    internal static readonly int HostMxcsr;
    internal static readonly int TscAux;
    internal static readonly int TscBase;
    internal static readonly int TscOffset;
    internal static readonly int TscIsClock;
    internal static readonly int Tlb;
    internal static readonly int Poll;
    internal static readonly int SystemFlags;
    internal static readonly int Mxcsr;
    internal static readonly int HostStack;
    internal static readonly int NoPage;
    internal static readonly int FpuResidence;
    internal static readonly int FpuImage;
    internal static readonly int FpuPage;
    internal static readonly int FpuPlace;

    private static readonly int FirstBorrowed;
    private static readonly int FirstLookUps;
    private static readonly int FirstGpr;
    private static readonly int FirstDelta;
    private static readonly int FirstVector;
    private static readonly int[] Selectors = new int[6];

    static ContextOffsets()
    {
        CpuContext context;
        var start = (byte*)&context;
        Rip = (int)((byte*)&context.Rip - start) - Bias;
        CodePage = (int)((byte*)&context.CodePage - start) - Bias;
        Flags = (int)((byte*)&context.NativeFlags - start) - Bias;
        Exit = (int)((byte*)&context.Exit - start) - Bias;
        ExitLinear = (int)((byte*)&context.ExitLinear - start) - Bias;
        CallTarget = (int)((byte*)&context.CallTarget - start) - Bias;
        Instructions = (int)((byte*)&context.Instructions - start) - Bias;
        InterruptHeld = (int)((byte*)&context.InterruptHeld - start) - Bias;
        Tlbs = (int)((byte*)&context.Tlbs - start) - Bias;
        KernelGsBase = (int)((byte*)&context.KernelGsBase - start) - Bias;
        Cr0 = (int)((byte*)&context.Cr0 - start) - Bias;
        Cr2 = (int)((byte*)&context.Cr2 - start) - Bias;
        Cr3 = (int)((byte*)&context.Cr3 - start) - Bias;
        Cr4 = (int)((byte*)&context.Cr4 - start) - Bias;
        Jumps = (int)((byte*)&context.Jumps - start) - Bias;
        JumpKey = (int)((byte*)&context.JumpKey - start) - Bias;
        VectorState = (int)((byte*)&context.VectorState - start) - Bias;
        HostMxcsr = (int)((byte*)&context.HostMxcsr - start) - Bias;
        TscAux = (int)((byte*)&context.TscAux - start) - Bias;
        TscBase = (int)((byte*)&context.TscBase - start) - Bias;
        TscOffset = (int)((byte*)&context.TscOffset - start) - Bias;
        TscIsClock = (int)((byte*)&context.TscIsClock - start) - Bias;
        Tlb = (int)((byte*)&context.Tlb - start) - Bias;
        Poll = (int)((byte*)&context.Poll - start) - Bias;
        SystemFlags = (int)((byte*)&context.SystemFlags - start) - Bias;
        Mxcsr = (int)((byte*)&context.Mxcsr - start) - Bias;
        HostStack = (int)((byte*)&context.HostStack - start) - Bias;
        NoPage = (int)((byte*)&context.NoPage - start) - Bias;
        FpuResidence = (int)((byte*)&context.FpuResidence - start) - Bias;
        FpuImage = (int)(context.FpuImage - start) - Bias;
        FpuPage = (int)((byte*)&context.FpuPage - start) - Bias;
        FpuPlace = (int)((byte*)&context.FpuPlace - start) - Bias;
        FirstGpr = (int)((byte*)context.Gpr - start) - Bias;
        FirstDelta = (int)((byte*)context.Deltas - start) - Bias;
        FirstBorrowed = (int)((byte*)context.Borrowed - start) - Bias;
        FirstLookUps = (int)((byte*)context.LookUps - start) - Bias;
        FirstVector = (int)(context.Vector - start) - Bias;
        Segment*[] segments = [&context.Es, &context.Cs, &context.Ss, &context.Ds, &context.Fs, &context.Gs];
        for (int i = 0; i < segments.Length; i++)
            Selectors[i] = (int)((byte*)&segments[i]->Selector - start) - Bias;
    }

    /// <summary>The same place inside a routine that emitted code has called: the return address is on what is the stack there.</summary>
    internal static int InRoutine(int offset) => offset + sizeof(ulong);

    /// <summary>A general register, or a slot after them.</summary>
    internal static int Gpr(int slot) => FirstGpr + (slot * sizeof(ulong));

    /// <summary>Where host minus linear address of an access group's page is.</summary>
    internal static int Delta(int group) => FirstDelta + (group * sizeof(ulong));

    /// <summary>The base of FS or GS.</summary>
    internal static int SegmentBase(Register segment) => Gpr(segment == Register.FS ? CpuContext.FsBaseSlot : CpuContext.GsBaseSlot);

    /// <summary>The visible part of a segment register.</summary>
    internal static int Selector(Register segment) => Selectors[segment - Register.ES];

    /// <summary>Where a routine keeps a register that it borrows.</summary>
    internal static int Borrowed(int number) => FirstBorrowed + (number * sizeof(ulong));

    /// <summary>A counter of look-ups.</summary>
    internal static int LookUps(LookUpCounter counter) => FirstLookUps + ((int)counter * sizeof(ulong));

    /// <summary>A vector register.</summary>
    internal static int Vector(int number) => FirstVector + (number * 32);
}
