using Hospes.Engines.Translator.State;
using Iced.Intel;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// SHLD and SHRD. A 16-bit operand shifted by more than 16 is undefined; here, as on known processors, the bits that follow are the destination's
/// again.
/// </summary>
internal static unsafe class DoubleShifts
{
    internal static void Register(HandlerTable table)
    {
        Forms.Words<Shift<Left>>(table, Code.Shld_rm16_r16_imm8, Code.Shld_rm16_r16_CL);
        Forms.Words<Shift<Right>>(table, Code.Shrd_rm16_r16_imm8, Code.Shrd_rm16_r16_CL);
    }

    private static void SetFlags<T>(CpuContext* c, ulong result, ulong left, bool carry)
        where T : unmanaged
    {
        bool overflow = Sized.IsNegative<T>(result) != Sized.IsNegative<T>(left);
        Flags.Defer(c, FlagKind.Given, Sized.Sign<T>(result), 0, (carry ? Bits.Carry : 0) | (overflow ? Bits.Overflow : 0));
    }

    private readonly struct Shift<TOperation> : ISizedHandler
        where TOperation : struct, IUpdate
    {
        public static StepResult Run<T>(TranslatorCpu cpu, in Instruction instruction)
            where T : unmanaged
        {
            ulong right = Sized.ReadRegister<T>(cpu.C, instruction.Op1Register);
            int count = (instruction.Op2Kind == OpKind.Register ? (byte)cpu.C->Gpr[1] : instruction.Immediate8) & (sizeof(T) == 8 ? 63 : 31);
            return Update.Destination<T, TOperation>(cpu, instruction, right, count, out _) ? StepResult.Next : StepResult.Fault;
        }
    }

    private readonly struct Left : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return left;
            if (sizeof(T) == 2)
                return ((left << 32) | (right << 16) | left) << count >> 32;
            return (left << count) | (right >> (Sized.Bits<T>() - count));
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return;
            ulong wide = sizeof(T) == 2 ? (left << 32) | (right << 16) | left : left;
            int top = sizeof(T) == 2 ? 48 : Sized.Bits<T>();
            SetFlags<T>(c, result, left, ((wide >> (top - count)) & 1) != 0);
        }
    }

    private readonly struct Right : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return left;
            if (sizeof(T) == 2)
                return ((left << 32) | (right << 16) | left) >> count;
            return (left >> count) | (right << (Sized.Bits<T>() - count));
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return;
            ulong wide = sizeof(T) == 2 ? (left << 32) | (right << 16) | left : left;
            SetFlags<T>(c, result, left, ((wide >> (count - 1)) & 1) != 0);
        }
    }
}
