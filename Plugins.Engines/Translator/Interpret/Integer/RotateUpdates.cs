using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// The arithmetic of ROL, ROR, RCL and RCR. Only CF and OF change, and they only if the masked count is not zero; OF is defined for a count of 1 and
/// is otherwise what the same formula gives.
/// </summary>
internal static unsafe class RotateUpdates
{
    private static void SetFlags(CpuContext* c, bool carry, bool overflow)
        => Flags.SetArithmetic(
            c,
            (Flags.Arithmetic(c) & ~(Bits.Carry | Bits.Overflow)) | (carry ? Bits.Carry : 0) | (overflow ? Bits.Overflow : 0));

    internal readonly struct Left : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int turn = count & (Sized.Bits<T>() - 1);
            return turn == 0 ? left : (left << turn) | (left >> (Sized.Bits<T>() - turn));
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return;
            bool carry = (result & 1) != 0;
            SetFlags(c, carry, carry != Sized.IsNegative<T>(result));
        }
    }

    internal readonly struct Right : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int turn = count & (Sized.Bits<T>() - 1);
            return turn == 0 ? left : (left >> turn) | (left << (Sized.Bits<T>() - turn));
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return;
            bool carry = Sized.IsNegative<T>(result);
            SetFlags(c, carry, carry != Sized.IsNegative<T>(result << 1));
        }
    }

    /// <summary>Rotates width + 1 bits: the operand with CF above it.</summary>
    internal readonly struct LeftThroughCarry : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int bits = Sized.Bits<T>();
            int turn = count % (bits + 1);
            if (turn == 0)
                return left;
            ulong carry = Flags.Carry(c) ? 1UL : 0;
            ulong upper = turn == 64 ? 0 : left << turn;
            ulong lower = turn == 1 ? 0 : left >> (bits + 1 - turn);
            return upper | (carry << (turn - 1)) | lower;
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int turn = count % (Sized.Bits<T>() + 1);
            bool carry = turn == 0 ? Flags.Carry(c) : ((left >> (Sized.Bits<T>() - turn)) & 1) != 0;
            if (count != 0)
                SetFlags(c, carry, carry != Sized.IsNegative<T>(result));
        }
    }

    internal readonly struct RightThroughCarry : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int bits = Sized.Bits<T>();
            int turn = count % (bits + 1);
            if (turn == 0)
                return left;
            ulong carry = Flags.Carry(c) ? 1UL : 0;
            ulong lower = turn == 64 ? 0 : left >> turn;
            ulong upper = turn == 1 ? 0 : left << (bits + 1 - turn);
            return upper | (carry << (bits - turn)) | lower;
        }

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            int turn = count % (Sized.Bits<T>() + 1);
            bool carry = turn == 0 ? Flags.Carry(c) : ((left >> (turn - 1)) & 1) != 0;
            if (count != 0)
                SetFlags(c, carry, Sized.IsNegative<T>(result) != Sized.IsNegative<T>(result << 1));
        }
    }
}
