using System.Runtime.Intrinsics;
using Hospes.Engines.Translator.Interpret.Floating;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Vector;

/// <summary>Handlers for floating-point instructions that differ only in what they do with an element.</summary>
internal static unsafe class FloatHandlers
{
    /// <summary>xmm, xmm/m32 on the lowest element.</summary>
    internal static StepResult Single<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        uint source;
        if (instruction.Op1Kind == OpKind.Register)
            source = *(uint*)VectorState.Xmm(cpu, instruction.Op1Register);
        else if (!Operands.Linear(cpu, instruction, 4, write: false, out ulong linear) || !cpu.Memory.Read(linear, out source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        uint* destination = (uint*)VectorState.Xmm(cpu, instruction.Op0Register);
        uint result = (uint)TOperation.Apply<Binary32>(*destination, source, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m64 on the lowest element.</summary>
    internal static StepResult Double<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu))
            return StepResult.Fault;
        ulong source;
        if (instruction.Op1Kind == OpKind.Register)
            source = *(ulong*)VectorState.Xmm(cpu, instruction.Op1Register);
        else if (!Operands.Linear(cpu, instruction, 8, write: false, out ulong linear) || !cpu.Memory.Read(linear, out source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        ulong* destination = (ulong*)VectorState.Xmm(cpu, instruction.Op0Register);
        ulong result = TOperation.Apply<Binary64>(*destination, source, ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m128 on four elements.</summary>
    internal static StepResult Singles<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        if (environment.HostRounds && environment.InexactIsKnown
            && TOperation.TrySingles(destination->AsSingle(), source.AsSingle(), out Vector128<float> quick))
        {
            *destination = quick.AsByte();
            return StepResult.Next;
        }

        Vector128<byte> result = *destination;
        for (int i = 0; i < 4; i++)
            ((uint*)&result)[i] = (uint)TOperation.Apply<Binary32>(((uint*)&result)[i], ((uint*)&source)[i], ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }

    /// <summary>xmm, xmm/m128 on two elements.</summary>
    internal static StepResult Doubles<TOperation>(TranslatorCpu cpu, in Instruction instruction)
        where TOperation : struct, IFloatOperation
    {
        if (!VectorState.Ready(cpu) || !VectorState.ReadSource(cpu, instruction, out Vector128<byte> source))
            return StepResult.Fault;
        var environment = new FloatEnvironment(cpu.C->Mxcsr);
        Vector128<byte>* destination = VectorState.Xmm(cpu, instruction.Op0Register);
        if (environment.HostRounds && environment.InexactIsKnown
            && TOperation.TryDoubles(destination->AsDouble(), source.AsDouble(), out Vector128<double> quick))
        {
            *destination = quick.AsByte();
            return StepResult.Next;
        }

        Vector128<byte> result = *destination;
        for (int i = 0; i < 2; i++)
            ((ulong*)&result)[i] = TOperation.Apply<Binary64>(((ulong*)&result)[i], ((ulong*)&source)[i], ref environment);
        if (!VectorState.Commit(cpu, environment))
            return StepResult.Fault;
        *destination = result;
        return StepResult.Next;
    }
}
