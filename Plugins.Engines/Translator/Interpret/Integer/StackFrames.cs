using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>ENTER, LEAVE, PUSHA, POPA. Registers change only after every access went well, so that a fault can restart them.</summary>
internal static unsafe class StackFrames
{
    private const int Rsp = 4;
    private const int Rbp = 5;

    internal static void Register(HandlerTable table)
    {
        Forms.Words<Enter>(table, Code.Enterw_imm16_imm8);
        Forms.Words<Leave>(table, Code.Leavew);
        table.Set(Code.Pushaw, &PushAll.Run<ushort>);
        table.Set(Code.Pushad, &PushAll.Run<uint>);
        table.Set(Code.Popaw, &PopAll.Run<ushort>);
        table.Set(Code.Popad, &PopAll.Run<uint>);
    }

    private readonly struct Enter : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            int level = instruction.Immediate8_2nd & 31;
            int pushed = sizeof(T);
            if (!Stack.Write(cpu, -pushed, sizeof(T), c->Gpr[Rbp]))
                return StepResult.Fault;
            ulong frame = Stack.Offset(c, -pushed);
            int width = Stack.AddressSize(c);
            for (int i = 1; i < level; i++)
            {
                ulong outer = Operands.Truncate(c->Gpr[Rbp] - (ulong)(i * sizeof(T)), width);
                pushed += sizeof(T);
                if (!Stack.ReadAt(cpu, outer, sizeof(T), out ulong display) || !Stack.Write(cpu, -pushed, sizeof(T), display))
                    return StepResult.Fault;
            }

            if (level > 0)
            {
                pushed += sizeof(T);
                if (!Stack.Write(cpu, -pushed, sizeof(T), frame))
                    return StepResult.Fault;
            }

            // The stack must be writable where the pointer ends up (Intel SDM volume 2, ENTER).
            int below = pushed + instruction.Immediate16;
            if (!Operands.Linear(cpu, Iced.Intel.Register.SS, Stack.Offset(c, -below), sizeof(T), write: true, out ulong linear)
                || cpu.Memory.WouldFault(linear, sizeof(T), write: true))
                return StepResult.Fault;
            Stack.Move(c, -below);
            Sized.WriteGeneral<T>(c, Rbp, frame);
            return StepResult.Next;
        }
    }

    private readonly struct Leave : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            ulong frame = Operands.Truncate(c->Gpr[Rbp], Stack.AddressSize(c));
            if (!Stack.ReadAt(cpu, frame, sizeof(T), out ulong value))
                return StepResult.Fault;
            Stack.SetPointer(c, frame + (ulong)sizeof(T));
            Sized.WriteGeneral<T>(c, Rbp, value);
            return StepResult.Next;
        }
    }

    private readonly struct PushAll : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            for (int i = 0; i < 8; i++)
            {
                if (!Stack.Write(cpu, -(i + 1) * sizeof(T), sizeof(T), cpu.C->Gpr[i]))
                    return StepResult.Fault;
            }

            Stack.Move(cpu.C, -8 * sizeof(T));
            return StepResult.Next;
        }
    }

    private readonly struct PopAll : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            ulong* values = stackalloc ulong[8];
            for (int i = 0; i < 8; i++)
            {
                if (!Stack.Read(cpu, i * sizeof(T), sizeof(T), out values[i]))
                    return StepResult.Fault;
            }

            for (int i = 0; i < 8; i++)
            {
                int register = 7 - i;
                if (register != Rsp)
                    Sized.WriteGeneral<T>(cpu.C, register, values[i]);
            }

            Stack.Move(cpu.C, 8 * sizeof(T));
            return StepResult.Next;
        }
    }
}
