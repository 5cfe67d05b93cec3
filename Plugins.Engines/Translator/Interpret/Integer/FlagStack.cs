using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>PUSHF and POPF with the rules of privilege (Intel SDM volume 2, POPF, table "Effect of POPF/POPFD on the EFLAGS register"). No VME, no PVI.</summary>
internal static unsafe class FlagStack
{
    private const uint AnyoneMayChange = Bits.Trap | Bits.Direction | Bits.NestedTask | Bits.AlignmentCheck | Bits.Identification;

    internal static void Register(HandlerTable table)
    {
        table.Set(Code.Pushfw, &Push.Run<ushort>);
        table.Set(Code.Pushfd, &Push.Run<uint>);
        table.Set(Code.Pushfq, &Push.Run<ulong>);
        table.Set(Code.Popfw, &Pop.Run<ushort>);
        table.Set(Code.Popfd, &Pop.Run<uint>);
        table.Set(Code.Popfq, &Pop.Run<ulong>);
    }

    /// <summary>Virtual-8086 code at an I/O privilege level below 3 may do neither.</summary>
    private static bool IsForbidden(CpuContext* c)
        => (c->SystemFlags & Bits.Virtual8086) != 0 && (c->SystemFlags & Bits.IoPrivilege) != Bits.IoPrivilege;

    private readonly struct Push : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            if (IsForbidden(cpu.C))
                return cpu.GeneralProtection();
            uint image = Flags.All(cpu.C) & ~(Bits.Resume | Bits.Virtual8086);
            return Stack.Push(cpu, image, sizeof(T)) ? StepResult.Next : StepResult.Fault;
        }
    }

    private readonly struct Pop : ISizedHandler
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            CpuContext* c = cpu.C;
            if (IsForbidden(c))
                return cpu.GeneralProtection();
            if (!Stack.Pop(cpu, sizeof(T), out ulong raw))
                return StepResult.Fault;

            uint popped = (uint)raw;
            uint old = c->SystemFlags;
            uint changeable = AnyoneMayChange;
            if (c->Cpl == 0)
                changeable |= Bits.IoPrivilege;
            if (c->Cpl <= (int)((old >> 12) & 3))
                changeable |= Bits.Interrupt;
            if (sizeof(T) == 2)
            {
                changeable &= 0xffff;
            }
            else
            {
                changeable |= Bits.Resume; // the image always counts as clear there
                popped &= ~Bits.Resume;
                if (c->Cpl == 0 && (old & Bits.Virtual8086) == 0)
                {
                    changeable |= Bits.VirtualInterrupt | Bits.VirtualInterruptPending;
                    popped &= ~(Bits.VirtualInterrupt | Bits.VirtualInterruptPending);
                }
            }

            Flags.SetArithmetic(c, popped);
            c->SystemFlags = (old & ~changeable) | (popped & changeable);
            uint changed = old ^ c->SystemFlags;
            if ((changed & Bits.AlignmentCheck) != 0)
                cpu.UpdateMode();
            bool interruptible = (changed & c->SystemFlags & Bits.Interrupt) != 0;
            return interruptible || (c->SystemFlags & Bits.Trap) != 0 ? StepResult.Leave : StepResult.Next;
        }
    }
}
