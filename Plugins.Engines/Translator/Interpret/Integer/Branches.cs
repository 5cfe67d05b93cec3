using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>Near JMP, CALL and RET, direct and indirect.</summary>
internal static unsafe class Branches
{
    internal static void Register(HandlerTable table)
    {
        for (int size = 0; size < 3; size++)
        {
            table.Set(Code.Jmp_rel8_16 + size, &Relative);
            table.Set(Code.Jmp_rel16 + size, &Relative);
        }

        Forms.Words<CallRelative>(table, Code.Call_rel16);
        Forms.Words<JumpIndirect>(table, Code.Jmp_rm16);
        Forms.Words<CallIndirect>(table, Code.Call_rm16);
        Forms.Words<Return>(table, Code.Retnw, Code.Retnw_imm16);
    }

    /// <summary>Goes to the direct target of a taken near branch.</summary>
    internal static StepResult Relative(TranslatorCpu cpu, in Instruction instruction) => Go(cpu, DirectTarget(cpu.C, instruction));

    /// <summary>Sets the instruction pointer after checking it against canonical form or the code segment's limit.</summary>
    internal static StepResult Go(TranslatorCpu cpu, ulong target)
    {
        if (!IsValid(cpu.C, target))
            return cpu.GeneralProtection();
        cpu.C->Rip = target;
        return StepResult.Leave;
    }

    internal static bool IsValid(CpuContext* c, ulong target)
        => c->Mode == CpuMode.Code64 ? Operands.IsCanonical(target) : target <= c->Cs.Limit;

    private static ulong DirectTarget(CpuContext* c, in Instruction instruction)
    {
        // The decoder's targets are relative to the block.
        ulong target = c->Gpr[CpuContext.BlockSlot] + instruction.NearBranchTarget;
        return instruction.Op0Kind switch
        {
            OpKind.NearBranch64 => target,
            OpKind.NearBranch32 => (uint)target,
            _ => (ushort)target,
        };
    }

    private static StepResult Call<T>(TranslatorCpu cpu, ulong target)
        where T : unmanaged
    {
        if (!IsValid(cpu.C, target))
            return cpu.GeneralProtection();
        if (!Stack.Push(cpu, cpu.C->Rip, sizeof(T)))
            return StepResult.Fault;
        cpu.C->Rip = target;
        return StepResult.Leave;
    }

    private readonly struct CallRelative : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Call<T>(cpu, DirectTarget(cpu.C, instruction));
    }

    private readonly struct JumpIndirect : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 0, out ulong target) ? Go(cpu, target) : StepResult.Fault;
    }

    private readonly struct CallIndirect : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 0, out ulong target) ? Call<T>(cpu, target) : StepResult.Fault;
    }

    private readonly struct Return : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (!Stack.Read(cpu, 0, sizeof(T), out ulong target))
                return StepResult.Fault;
            if (!IsValid(cpu.C, target))
                return cpu.GeneralProtection();
            Stack.Move(cpu.C, sizeof(T) + (instruction.OpCount == 0 ? 0 : instruction.Immediate16));
            cpu.C->Rip = target;
            return StepResult.Leave;
        }
    }
}
