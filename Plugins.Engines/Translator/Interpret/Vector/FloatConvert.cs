using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Conversions among integers, binary32 and binary64 in xmm, mm and general registers.</summary>
internal static unsafe class FloatConvert
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Cvtsi2ss_xmm_rm32, &FromGeneral<Conversions.FromInt32<Binary32>, uint, uint>);
        table.Set(Code.Cvtsi2ss_xmm_rm64, &FromGeneral<Conversions.FromInt64<Binary32>, ulong, uint>);
        table.Set(Code.Cvtsi2sd_xmm_rm32, &FromGeneral<Conversions.FromInt32<Binary64>, uint, ulong>);
        table.Set(Code.Cvtsi2sd_xmm_rm64, &FromGeneral<Conversions.FromInt64<Binary64>, ulong, ulong>);
        table.Set(Code.Cvtss2si_r32_xmmm32, &ToGeneral<Conversions.ToInt32<Binary32>, uint>);
        table.Set(Code.Cvtss2si_r64_xmmm32, &ToGeneral<Conversions.ToInt64<Binary32>, uint>);
        table.Set(Code.Cvtsd2si_r32_xmmm64, &ToGeneral<Conversions.ToInt32<Binary64>, ulong>);
        table.Set(Code.Cvtsd2si_r64_xmmm64, &ToGeneral<Conversions.ToInt64<Binary64>, ulong>);
        table.Set(Code.Cvttss2si_r32_xmmm32, &ToGeneral<Conversions.TruncateInt32<Binary32>, uint>);
        table.Set(Code.Cvttss2si_r64_xmmm32, &ToGeneral<Conversions.TruncateInt64<Binary32>, uint>);
        table.Set(Code.Cvttsd2si_r32_xmmm64, &ToGeneral<Conversions.TruncateInt32<Binary64>, ulong>);
        table.Set(Code.Cvttsd2si_r64_xmmm64, &ToGeneral<Conversions.TruncateInt64<Binary64>, ulong>);

        table.Set(Code.Cvtss2sd_xmm_xmmm32, &Scalar<Conversions.Format<Binary32, Binary64>, uint, ulong>);
        table.Set(Code.Cvtsd2ss_xmm_xmmm64, &Scalar<Conversions.Format<Binary64, Binary32>, ulong, uint>);

        table.Set(Code.Cvtps2pd_xmm_xmmm64, &Packed<Conversions.Format<Binary32, Binary64>, uint, ulong>);
        table.Set(Code.Cvtpd2ps_xmm_xmmm128, &Packed<Conversions.Format<Binary64, Binary32>, ulong, uint>);
        table.Set(Code.Cvtdq2ps_xmm_xmmm128, &Packed<Conversions.FromInt32<Binary32>, uint, uint>);
        table.Set(Code.Cvtps2dq_xmm_xmmm128, &Packed<Conversions.ToInt32<Binary32>, uint, uint>);
        table.Set(Code.Cvttps2dq_xmm_xmmm128, &Packed<Conversions.TruncateInt32<Binary32>, uint, uint>);
        table.Set(Code.Cvtdq2pd_xmm_xmmm64, &Packed<Conversions.FromInt32<Binary64>, uint, ulong>);
        table.Set(Code.Cvtpd2dq_xmm_xmmm128, &Packed<Conversions.ToInt32<Binary64>, ulong, uint>);
        table.Set(Code.Cvttpd2dq_xmm_xmmm128, &Packed<Conversions.TruncateInt32<Binary64>, ulong, uint>);

        table.Set(Code.Cvtpi2ps_xmm_mmm64, &FromMm<Conversions.FromInt32<Binary32>, uint>);
        table.Set(Code.Cvtpi2pd_xmm_mmm64, &FromMm<Conversions.FromInt32<Binary64>, ulong>);
        table.Set(Code.Cvtps2pi_mm_xmmm64, &ToMm<Conversions.ToInt32<Binary32>, uint>);
        table.Set(Code.Cvttps2pi_mm_xmmm64, &ToMm<Conversions.TruncateInt32<Binary32>, uint>);
        table.Set(Code.Cvtpd2pi_mm_xmmm128, &ToMm<Conversions.ToInt32<Binary64>, ulong>);
        table.Set(Code.Cvttpd2pi_mm_xmmm128, &ToMm<Conversions.TruncateInt32<Binary64>, ulong>);
    }

    private static StepResult FromGeneral<TConversion, TFrom, TTo>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        if (!VectorState.Ready(cpu) || !Operands.Read(cpu, instruction, 1, sizeof(TFrom), out ulong source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong result = TConversion.Apply(source, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *(TTo*)VectorState.Xmm(cpu, instruction.Op0Register) = *(TTo*)&result;
        return StepResult.Next;
    }

    private static StepResult ToGeneral<TConversion, TFrom>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TFrom : unmanaged
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<TFrom>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong result = TConversion.Apply(Element<TFrom>(source, 0), ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        Registers.Write(cpu.C, instruction.Op0Register, result);
        return StepResult.Next;
    }

    /// <summary>The lowest element; the rest of the destination stays.</summary>
    private static StepResult Scalar<TConversion, TFrom, TTo>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadPart<TFrom>(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong result = TConversion.Apply(Element<TFrom>(source, 0), ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *(TTo*)VectorState.Xmm(cpu, instruction.Op0Register) = *(TTo*)&result;
        return StepResult.Next;
    }

    /// <summary>As many elements as fit both registers; the rest of the destination is cleared.</summary>
    private static StepResult Packed<TConversion, TFrom, TTo>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TFrom : unmanaged
        where TTo : unmanaged
    {
        int count = 16 / Math.Max(sizeof(TFrom), sizeof(TTo));
        Vector128<byte> source;
        if (!VectorState.Ready(cpu)
            || !(count * sizeof(TFrom) == 16
                ? VectorState.ReadSource(cpu, instruction, out source)
                : VectorState.ReadPart<ulong>(cpu, instruction, out source)))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte> result = default;
        for (int i = 0; i < count; i++)
        {
            ulong element = TConversion.Apply(Element<TFrom>(source, i), ref environment);
            ((TTo*)&result)[i] = *(TTo*)&element;
        }

        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = result;
        return StepResult.Next;
    }

    /// <summary>Two 32-bit integers of mm/m64; the upper half of the destination, if not written, stays.</summary>
    private static StepResult FromMm<TConversion, TTo>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TTo : unmanaged
    {
        if (!VectorState.Ready(cpu) || !MmState.Ready(cpu) || !MmState.ReadSource<ulong>(cpu, instruction, out ulong source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong low = TConversion.Apply((uint)source, ref environment);
        ulong high = TConversion.Apply(source >> 32, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        TTo* destination = (TTo*)VectorState.Xmm(cpu, instruction.Op0Register);
        destination[0] = *(TTo*)&low;
        destination[1] = *(TTo*)&high;
        if (instruction.Op1Kind == OpKind.Register)
            MmState.Enter(cpu);
        return StepResult.Next;
    }

    /// <summary>Two elements of xmm/m64 or xmm/m128 to two 32-bit integers.</summary>
    private static StepResult ToMm<TConversion, TFrom>(TranslatorCpu cpu, in Instruction instruction)
        where TConversion : struct, IConversion
        where TFrom : unmanaged
    {
        Vector128<byte> source;
        if (!VectorState.Ready(cpu) || !MmState.Ready(cpu)
            || !(sizeof(TFrom) == 8
                ? VectorState.ReadSource(cpu, instruction, out source)
                : VectorState.ReadPart<ulong>(cpu, instruction, out source)))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong low = TConversion.Apply(Element<TFrom>(source, 0), ref environment);
        ulong high = TConversion.Apply(Element<TFrom>(source, 1), ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        MmState.Write(cpu, instruction.Op0Register, low | (high << 32));
        return StepResult.Next;
    }

    private static ulong Element<T>(Vector128<byte> vector, int index)
        where T : unmanaged
        => sizeof(T) == 4 ? ((uint*)&vector)[index] : ((ulong*)&vector)[index];
}
