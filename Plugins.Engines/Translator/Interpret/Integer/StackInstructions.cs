using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>PUSH and POP of general registers, memory and immediates. Segment registers belong to the system instructions.</summary>
internal static unsafe class StackInstructions
{
    internal static void Register(HandlerTable table)
    {
        Forms.Words<Push>(table, Code.Push_r16, Code.Push_rm16);
        table.Set(Code.Push_imm16, &Push.Run<ushort>);
        table.Set(Code.Pushw_imm8, &Push.Run<ushort>);
        table.Set(Code.Pushd_imm32, &Push.Run<uint>);
        table.Set(Code.Pushd_imm8, &Push.Run<uint>);
        table.Set(Code.Pushq_imm32, &Push.Run<ulong>);
        table.Set(Code.Pushq_imm8, &Push.Run<ulong>);
        Forms.Words<Pop>(table, Code.Pop_r16, Code.Pop_rm16);
    }

    private readonly struct Push : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
            => Sized.Read<T>(cpu, instruction, 0, out ulong value) && Stack.Push(cpu, value, sizeof(T)) ? StepResult.Next : StepResult.Fault;
    }

    private readonly struct Pop : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            // A memory operand based on rsp uses the pointer after the pop; so does POP rSP, whose popped value then replaces it.
            CpuContext* c = cpu.C;
            ulong pointer = c->Gpr[4];
            if (!Stack.Pop(cpu, sizeof(T), out ulong value))
                return StepResult.Fault;
            if (Sized.Write<T>(cpu, instruction, 0, value))
                return StepResult.Next;
            c->Gpr[4] = pointer;
            return StepResult.Fault;
        }
    }
}
