using System.Runtime.CompilerServices;
using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.Integer;

/// <summary>
/// The eight conditions and their opposites (Intel SDM volume 2, appendix B, table "tttn"). Flags are usually still owed by a comparison, which the
/// frequent ones then answer from the operands.
/// </summary>
internal static unsafe class Conditions
{
    internal readonly struct Not<TCondition> : ICondition
        where TCondition : struct, ICondition
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static bool Holds(CpuContext* c) => !TCondition.Holds(c);
    }

    internal readonly struct Overflow : ICondition
    {
        public static bool Holds(CpuContext* c) => Flags.Overflow(c);
    }

    internal readonly struct Below : ICondition
    {
        public static bool Holds(CpuContext* c) => c->FlagKind == FlagKind.Subtract ? c->FlagLeft < c->FlagRight : Flags.Carry(c);
    }

    internal readonly struct Equal : ICondition
    {
        public static bool Holds(CpuContext* c) => Flags.Zero(c);
    }

    internal readonly struct BelowOrEqual : ICondition
    {
        public static bool Holds(CpuContext* c)
            => c->FlagKind == FlagKind.Subtract ? c->FlagLeft <= c->FlagRight : Flags.Carry(c) || Flags.Zero(c);
    }

    internal readonly struct Sign : ICondition
    {
        public static bool Holds(CpuContext* c) => Flags.Sign(c);
    }

    internal readonly struct Parity : ICondition
    {
        public static bool Holds(CpuContext* c) => Flags.Parity(c);
    }

    internal readonly struct Less : ICondition
    {
        public static bool Holds(CpuContext* c)
            => c->FlagKind == FlagKind.Subtract ? (long)c->FlagLeft < (long)c->FlagRight : Flags.Sign(c) != Flags.Overflow(c);
    }

    internal readonly struct LessOrEqual : ICondition
    {
        public static bool Holds(CpuContext* c)
            => c->FlagKind == FlagKind.Subtract ? (long)c->FlagLeft <= (long)c->FlagRight : Flags.Zero(c) || Flags.Sign(c) != Flags.Overflow(c);
    }
}
