namespace Hospes.Sdk;

/// <summary>A time span, or a point of the host's monotonic clock, in nanoseconds.</summary>
/// <param name="Value">Nanoseconds; as a point of time, since the clock's arbitrary start.</param>
public readonly record struct Nanoseconds(long Value) : IComparable<Nanoseconds>
{
    /// <summary>Later than everything: "no deadline".</summary>
    public static readonly Nanoseconds Never = new(long.MaxValue);

    /// <summary>A span of whole milliseconds.</summary>
    public static Nanoseconds FromMilliseconds(long milliseconds) => new(milliseconds * 1_000_000);

    /// <inheritdoc/>
    public int CompareTo(Nanoseconds other) => Value.CompareTo(other.Value);

    /// <summary>Sum.</summary>
    public static Nanoseconds operator +(Nanoseconds left, Nanoseconds right) => new(left.Value + right.Value);

    /// <summary>Difference.</summary>
    public static Nanoseconds operator -(Nanoseconds left, Nanoseconds right) => new(left.Value - right.Value);

    /// <summary>Earlier than.</summary>
    public static bool operator <(Nanoseconds left, Nanoseconds right) => left.Value < right.Value;

    /// <summary>Later than.</summary>
    public static bool operator >(Nanoseconds left, Nanoseconds right) => left.Value > right.Value;

    /// <summary>Not later than.</summary>
    public static bool operator <=(Nanoseconds left, Nanoseconds right) => left.Value <= right.Value;

    /// <summary>Not earlier than.</summary>
    public static bool operator >=(Nanoseconds left, Nanoseconds right) => left.Value >= right.Value;

    /// <summary>The number and its unit.</summary>
    public override string ToString() => Value == long.MaxValue ? "never" : $"{Value} ns";
}
