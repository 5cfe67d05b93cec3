namespace Hospes.Bench.Networks;

/// <summary>What was measured on one side.</summary>
internal sealed record NetFigures
{
    /// <summary>TCP, bits a second.</summary>
    public required double FromGuest { get; init; }

    /// <summary>TCP, bits a second.</summary>
    public required double ToGuest { get; init; }

    /// <summary>TCP, bits a second.</summary>
    public required double BetweenGuests { get; init; }

    /// <summary>UDP packets of 64 bytes a second that arrive.</summary>
    public required double SmallFromGuest { get; init; }

    /// <summary>UDP packets of 64 bytes a second that arrive.</summary>
    public required double SmallToGuest { get; init; }

    /// <summary>Round trips in microseconds, in ascending order.</summary>
    public required double[] RoundTrips { get; init; }

    /// <summary>The round trip that so many in a hundred are not longer than.</summary>
    public double RoundTrip(int percent) => RoundTrips[(RoundTrips.Length - 1) * percent / 100];
}
