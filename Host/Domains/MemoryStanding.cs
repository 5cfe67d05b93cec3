namespace Hospes.Host.Domains;

/// <summary>
/// Where the machine's memory is at one moment, KiB. Domain-0 is the machine itself: what is free at once, and what its kernel would give up of its
/// caches, which is how it is ballooned down here, both are for guests, as far as dom0-min-mem lets them.
/// </summary>
/// <param name="TotalKiB">All there is.</param>
/// <param name="GuestsKiB">What guests were promised.</param>
/// <param name="UnusedKiB">Free at once.</param>
/// <param name="AvailableKiB">Free at once, or as soon as Domain-0 gives up its caches.</param>
/// <param name="UntouchedKiB">What guests were promised and have not touched yet, and so still looks free.</param>
/// <param name="Dom0MinimumKiB">What Domain-0 keeps.</param>
internal sealed record MemoryStanding(long TotalKiB, long GuestsKiB, long UnusedKiB, long AvailableKiB, long UntouchedKiB, long Dom0MinimumKiB)
{
    /// <summary>What a further guest could have.</summary>
    public long FreeKiB => Math.Max(0, Math.Min(Math.Min(AvailableKiB, TotalKiB) - UntouchedKiB, TotalKiB - GuestsKiB - Dom0MinimumKiB));

    /// <summary>Domain-0's, with what is free.</summary>
    public long Dom0KiB => Math.Max(0, TotalKiB - GuestsKiB);

    /// <summary>Why there is no room.</summary>
    public string Refusal(long neededKiB)
    {
        string words = Dom0MinimumKiB == 0
            ? $"Not enough free memory and dom0_min_mem is 0, so I cannot release any more.  I need {neededKiB} KiB but only have {FreeKiB}."
            : $"I need {neededKiB} KiB, but dom0_min_mem is {Dom0MinimumKiB} and shrinking to {Dom0MinimumKiB} KiB would leave only {FreeKiB} KiB free.";
        long atOnce = Math.Clamp(UnusedKiB - UntouchedKiB, 0, FreeKiB);
        return $"{words} (Needs {neededKiB / 1024} MiB: {atOnce / 1024} MiB free, {(FreeKiB - atOnce) / 1024} MiB could come from ballooning Domain-0 down to "
            + $"{(Dom0MinimumKiB == 0 ? "what it needs" : $"dom0-min-mem, {Dom0MinimumKiB / 1024} MiB")}; guests hold {GuestsKiB / 1024} of {TotalKiB / 1024} MiB.)";
    }
}
