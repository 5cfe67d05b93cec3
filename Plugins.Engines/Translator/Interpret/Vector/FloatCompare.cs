using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Comparisons into flags (COMISS and kin) and into masks (CMPPS and kin).</summary>
internal static unsafe class FloatCompare
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Comiss_xmm_xmmm32, &IntoFlags<Binary32, uint, Signaling>);
        table.Set(Code.Comisd_xmm_xmmm64, &IntoFlags<Binary64, ulong, Signaling>);
        table.Set(Code.Ucomiss_xmm_xmmm32, &IntoFlags<Binary32, uint, Quiet>);
        table.Set(Code.Ucomisd_xmm_xmmm64, &IntoFlags<Binary64, ulong, Quiet>);
        table.Set(Code.Cmpss_xmm_xmmm32_imm8, &IntoMaskSingle);
        table.Set(Code.Cmpsd_xmm_xmmm64_imm8, &IntoMaskDouble);
        table.Set(Code.Cmpps_xmm_xmmm128_imm8, &IntoMaskSingles);
        table.Set(Code.Cmppd_xmm_xmmm128_imm8, &IntoMaskDoubles);
    }

    /// <summary>ZF, PF and CF as SDM volume 2, COMISD, has them; OF, SF and AF are cleared.</summary>
    internal static uint FlagsOf(FloatOrder order) => order switch
    {
        FloatOrder.Less => Bits.Carry,
        FloatOrder.Equal => Bits.Zero,
        FloatOrder.Greater => 0,
        _ => Bits.Zero | Bits.Parity | Bits.Carry,
    };

    private static StepResult IntoFlags<TFormat, TMemory, TKind>(TranslatorCpu cpu, in Instruction instruction)
        where TFormat : struct, IFloatFormat
        where TMemory : unmanaged
        where TKind : struct, IKind
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<TMemory>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        ulong left = sizeof(TMemory) == 4 ? *(uint*)destination : *(ulong*)destination;
        ulong right = sizeof(TMemory) == 4 ? source.AsUInt32().ToScalar() : source.AsUInt64().ToScalar();
        FloatOrder order = SoftFloat.Compare<TFormat>(left, right, TKind.IsSignaling, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        Flags.SetArithmetic(cpu.C, FlagsOf(order));
        return StepResult.Next;
    }

    private static StepResult IntoMaskSingle(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<uint>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        uint* destination = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        bool holds = Holds<Binary32>(*destination, source.AsUInt32().ToScalar(), instruction.Immediate8, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = holds ? uint.MaxValue : 0;
        return StepResult.Next;
    }

    private static StepResult IntoMaskDouble(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<ulong>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong* destination = (ulong*)VectorState.Xmm(cpu, instruction.Op0Register);
        bool holds = Holds<Binary64>(*destination, source.AsUInt64().ToScalar(), instruction.Immediate8, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = holds ? ulong.MaxValue : 0;
        return StepResult.Next;
    }

    private static StepResult IntoMaskSingles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        Vector128<byte> result = *destination;
        for (int i = 0; i < 4; i++)
        {
            bool holds = Holds<Binary32>(((uint*)&result)[i], ((uint*)&source)[i], instruction.Immediate8, ref environment);
            ((uint*)&result)[i] = holds ? uint.MaxValue : 0;
        }

        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    private static StepResult IntoMaskDoubles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        Vector128<byte> result = *destination;
        for (int i = 0; i < 2; i++)
        {
            bool holds = Holds<Binary64>(((ulong*)&result)[i], ((ulong*)&source)[i], instruction.Immediate8, ref environment);
            ((ulong*)&result)[i] = holds ? ulong.MaxValue : 0;
        }

        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    /// <summary>The eight predicates of legacy SSE (SDM volume 2, table 3-1): EQ, LT, LE, UNORD and their negations. LT and LE signal quiet NaNs.</summary>
    private static bool Holds<TFormat>(ulong a, ulong b, byte predicate, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat
    {
        int kind = predicate & 3;
        FloatOrder order = SoftFloat.Compare<TFormat>(a, b, kind is 1 or 2, ref environment);
        bool holds = kind switch
        {
            0 => order == FloatOrder.Equal,
            1 => order == FloatOrder.Less,
            2 => order is FloatOrder.Less or FloatOrder.Equal,
            _ => order == FloatOrder.Unordered,
        };
        return holds != ((predicate & 4) != 0);
    }

    /// <summary>Whether a quiet NaN is an invalid operand.</summary>
    private interface IKind
    {
        static abstract bool IsSignaling { get; }
    }

    private readonly struct Signaling : IKind
    {
        public static bool IsSignaling => true;
    }

    private readonly struct Quiet : IKind
    {
        public static bool IsSignaling => false;
    }
}
