using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>The arithmetic of ADD, OR, ADC, SBB, AND, SUB, XOR, NOT, NEG, INC and DEC (Intel SDM volume 2).</summary>
internal static unsafe class ArithmeticUpdates
{
    internal readonly struct Add : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left + right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Add, Sized.Sign<T>(result), Sized.Sign<T>(left), Sized.Sign<T>(right));
    }

    internal readonly struct AddWithCarry : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left + right + (Flags.Carry(c) ? 1UL : 0);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            FlagKind kind = Flags.Carry(c) ? FlagKind.AddCarry : FlagKind.Add;
            Flags.Defer(c, kind, Sized.Sign<T>(result), Sized.Sign<T>(left), Sized.Sign<T>(right));
        }
    }

    internal readonly struct Subtract : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left - right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Subtract, Sized.Sign<T>(result), Sized.Sign<T>(left), Sized.Sign<T>(right));
    }

    internal readonly struct SubtractWithBorrow : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left - right - (Flags.Carry(c) ? 1UL : 0);

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            FlagKind kind = Flags.Carry(c) ? FlagKind.SubtractBorrow : FlagKind.Subtract;
            Flags.Defer(c, kind, Sized.Sign<T>(result), Sized.Sign<T>(left), Sized.Sign<T>(right));
        }
    }

    internal readonly struct And : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left & right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Logic, Sized.Sign<T>(result), 0, 0);
    }

    internal readonly struct Or : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left | right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Logic, Sized.Sign<T>(result), 0, 0);
    }

    internal readonly struct Xor : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left ^ right;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Logic, Sized.Sign<T>(result), 0, 0);
    }

    internal readonly struct Not : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => ~left;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
        {
            // NOT sets no flags.
        }
    }

    internal readonly struct Negate : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => 0 - left;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Subtract, Sized.Sign<T>(result), 0, Sized.Sign<T>(left));
    }

    internal readonly struct Increment : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left + 1;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Increment, Sized.Sign<T>(result), Sized.Sign<T>(left), Flags.Carry(c) ? 1UL : 0);
    }

    internal readonly struct Decrement : IUpdate
    {
        public static ulong Result<T>(CpuContext* c, ulong left, ulong right, int count)
            where T : unmanaged
            => left - 1;

        public static void Commit<T>(CpuContext* c, ulong result, ulong left, ulong right, int count)
            where T : unmanaged
            => Flags.Defer(c, FlagKind.Decrement, Sized.Sign<T>(result), Sized.Sign<T>(left), Flags.Carry(c) ? 1UL : 0);
    }
}
