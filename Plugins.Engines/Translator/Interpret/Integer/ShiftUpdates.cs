using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// The arithmetic of SHL, SHR and SAR. The count is masked already (31, or 63 for 64-bit operands); a count of zero sets no flags. OF is defined for a
/// count of 1 only; for others it's what the same formula gives. AF is undefined and cleared.
/// </summary>
internal static unsafe class ShiftUpdates
{
    private static void SetFlags<T>(CpuContext* c, ulong result, bool carry, bool overflow)
        where T : unmanaged
        => Flags.Defer(c, FlagKind.Given, Sized.Sign<T>(result), 0, (carry ? Bits.Carry : 0) | (overflow ? Bits.Overflow : 0));

    internal readonly struct Left : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left << count;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count == 0)
                return;
            bool carry = Sized.IsNegative<T>(left << (count - 1));
            SetFlags<T>(c, result, carry, carry != Sized.IsNegative<T>(result));
        }
    }

    internal readonly struct Right : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left >> count;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count != 0)
                SetFlags<T>(c, result, ((left >> (count - 1)) & 1) != 0, count == 1 && Sized.IsNegative<T>(left));
        }
    }

    internal readonly struct RightArithmetic : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => (ulong)((long)Sized.Sign<T>(left) >> count);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            if (count != 0)
                SetFlags<T>(c, result, (((long)Sized.Sign<T>(left) >> (count - 1)) & 1) != 0, overflow: false);
        }
    }
}
