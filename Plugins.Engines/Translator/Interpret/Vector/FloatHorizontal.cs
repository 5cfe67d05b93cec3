using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Floating-point operations across elements: HADD, HSUB, ADDSUB, dot products.</summary>
internal static unsafe class FloatHorizontal
{
    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Haddps_xmm_xmmm128, &PairsOfSingles<FloatArithmetic.Add>);
        table.Set(Code.Hsubps_xmm_xmmm128, &PairsOfSingles<FloatArithmetic.Subtract>);
        table.Set(Code.Haddpd_xmm_xmmm128, &PairsOfDoubles<FloatArithmetic.Add>);
        table.Set(Code.Hsubpd_xmm_xmmm128, &PairsOfDoubles<FloatArithmetic.Subtract>);
        table.Set(Code.Addsubps_xmm_xmmm128, &AlternateSingles);
        table.Set(Code.Addsubpd_xmm_xmmm128, &AlternateDoubles);
        table.Set(Code.Dpps_xmm_xmmm128_imm8, &DotSingles);
        table.Set(Code.Dppd_xmm_xmmm128_imm8, &DotDoubles);
    }

    private static StepResult PairsOfSingles<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        uint* d = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        uint* s = (uint*)&source;
        uint first = (uint)TOperation.Apply<Binary32>(d[0], d[1], ref environment);
        uint second = (uint)TOperation.Apply<Binary32>(d[2], d[3], ref environment);
        uint third = (uint)TOperation.Apply<Binary32>(s[0], s[1], ref environment);
        uint fourth = (uint)TOperation.Apply<Binary32>(s[2], s[3], ref environment);
        return Finish(cpu, instruction, Vector128.Create(first, second, third, fourth).AsByte(), environment);
    }

    private static StepResult PairsOfDoubles<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong* d = (ulong*)VectorState.Xmm(cpu, instruction.Op0Register);
        ulong* s = (ulong*)&source;
        ulong first = TOperation.Apply<Binary64>(d[0], d[1], ref environment);
        ulong second = TOperation.Apply<Binary64>(s[0], s[1], ref environment);
        return Finish(cpu, instruction, Vector128.Create(first, second).AsByte(), environment);
    }

    /// <summary>ADDSUBPS: even elements subtracted, odd ones added.</summary>
    private static StepResult AlternateSingles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        uint* d = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        uint* s = (uint*)&source;
        uint first = (uint)FloatArithmetic.Subtract.Apply<Binary32>(d[0], s[0], ref environment);
        uint second = (uint)FloatArithmetic.Add.Apply<Binary32>(d[1], s[1], ref environment);
        uint third = (uint)FloatArithmetic.Subtract.Apply<Binary32>(d[2], s[2], ref environment);
        uint fourth = (uint)FloatArithmetic.Add.Apply<Binary32>(d[3], s[3], ref environment);
        return Finish(cpu, instruction, Vector128.Create(first, second, third, fourth).AsByte(), environment);
    }

    private static StepResult AlternateDoubles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong* d = (ulong*)VectorState.Xmm(cpu, instruction.Op0Register);
        ulong* s = (ulong*)&source;
        ulong first = FloatArithmetic.Subtract.Apply<Binary64>(d[0], s[0], ref environment);
        ulong second = FloatArithmetic.Add.Apply<Binary64>(d[1], s[1], ref environment);
        return Finish(cpu, instruction, Vector128.Create(first, second).AsByte(), environment);
    }

    /// <summary>DPPS: immediate bits 7-4 choose the products that are summed, bits 3-0 where the sum goes. Every step rounds and may raise.</summary>
    private static StepResult DotSingles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        uint* d = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        uint* s = (uint*)&source;
        byte immediate = instruction.Immediate8;
        ulong* products = stackalloc ulong[4];
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        for (int i = 0; i < 4; i++)
            products[i] = (immediate & (0x10 << i)) == 0 ? 0 : FloatArithmetic.Multiply.Apply<Binary32>(d[i], s[i], ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        ulong low = FloatArithmetic.Add.Apply<Binary32>(products[0], products[1], ref environment);
        ulong high = FloatArithmetic.Add.Apply<Binary32>(products[2], products[3], ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        uint sum = (uint)FloatArithmetic.Add.Apply<Binary32>(low, high, ref environment);
        Vector128<uint> places = Vector128.Create(immediate & 1u, immediate & 2u, immediate & 4u, immediate & 8u);
        Vector128<uint> result = Vector128.ConditionalSelect(
            Vector128.Equals(places, Vector128<uint>.Zero), Vector128<uint>.Zero, Vector128.Create(sum));
        return Finish(cpu, instruction, result.AsByte(), environment);
    }

    /// <summary>DPPD: immediate bits 5-4 choose the products, bits 1-0 where the sum goes.</summary>
    private static StepResult DotDoubles(TranslatorCpu cpu, in Instruction instruction)
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        ulong* d = (ulong*)VectorState.Xmm(cpu, instruction.Op0Register);
        ulong* s = (ulong*)&source;
        byte immediate = instruction.Immediate8;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong first = (immediate & 0x10) == 0 ? 0 : FloatArithmetic.Multiply.Apply<Binary64>(d[0], s[0], ref environment);
        ulong second = (immediate & 0x20) == 0 ? 0 : FloatArithmetic.Multiply.Apply<Binary64>(d[1], s[1], ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        ulong sum = FloatArithmetic.Add.Apply<Binary64>(first, second, ref environment);
        Vector128<ulong> result = Vector128.Create((immediate & 1) != 0 ? sum : 0, (immediate & 2) != 0 ? sum : 0);
        return Finish(cpu, instruction, result.AsByte(), environment);
    }

    private static StepResult Finish(TranslatorCpu cpu, in Instruction instruction, Vector128<byte> result, in FloatEnvironment environment)
    {
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *VectorState.Xmm(cpu, instruction.Op0Register) = result;
        return StepResult.Next;
    }
}
