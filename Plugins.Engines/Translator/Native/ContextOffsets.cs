using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Native;

/// <summary>Where things are in the context, relative to <see cref="HostRegisters.Context"/>.</summary>
internal static unsafe class ContextOffsets
{
    internal const int Bias = 128;

    internal static readonly int Rip;
    internal static readonly int CodePage;
    internal static readonly int Flags;
    internal static readonly int Exit;
    internal static readonly int ExitLinear;
    internal static readonly int CallTarget;
    internal static readonly int Jumps;
    internal static readonly int JumpKey;
    internal static readonly int VectorState;
    internal static readonly int HostMxcsr;
    internal static readonly int Tlb;
    internal static readonly int Poll;
    internal static readonly int SystemFlags;
    internal static readonly int Mxcsr;

    private static readonly int FirstGpr;
    private static readonly int FirstVector;

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
        Jumps = (int)((byte*)&context.Jumps - start) - Bias;
        JumpKey = (int)((byte*)&context.JumpKey - start) - Bias;
        VectorState = (int)((byte*)&context.VectorState - start) - Bias;
        HostMxcsr = (int)((byte*)&context.HostMxcsr - start) - Bias;
        Tlb = (int)((byte*)&context.Tlb - start) - Bias;
        Poll = (int)((byte*)&context.Poll - start) - Bias;
        SystemFlags = (int)((byte*)&context.SystemFlags - start) - Bias;
        Mxcsr = (int)((byte*)&context.Mxcsr - start) - Bias;
        FirstGpr = (int)((byte*)context.Gpr - start) - Bias;
        FirstVector = (int)(context.Vector - start) - Bias;
    }

    /// <summary>A general register, or a slot after them.</summary>
    internal static int Gpr(int slot) => FirstGpr + (slot * sizeof(ulong));

    /// <summary>A vector register.</summary>
    internal static int Vector(int number) => FirstVector + (number * 32);
}
