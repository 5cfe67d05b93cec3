using System.Collections.Immutable;

namespace Hospes.Host.Devices;

/// <summary>What has gone through all devices of a domain together, as the guest sees it: sent is what it sent.</summary>
internal sealed record DeviceTotals(long NetSentBytes, long NetReceivedBytes, long VbdOutOfRequests, long VbdReads, long VbdWrites)
{
    /// <summary>Network interfaces.</summary>
    internal const string NetClass = "vif";

    /// <summary>Disks.</summary>
    internal const string DiskClass = "vbd";

    internal static readonly DeviceTotals None = new(0, 0, 0, 0, 0);

    internal static readonly IReadOnlyDictionary<string, long> NoCounters = ImmutableDictionary<string, long>.Empty;

    /// <summary>Adds up counters of single devices: <c>vif/0/tx_bytes</c>, <c>vbd/51712/rd_req</c>.</summary>
    internal static DeviceTotals Of(IReadOnlyDictionary<string, long> counters) => new(
        Sum(counters, NetClass, "/tx_bytes"),
        Sum(counters, NetClass, "/rx_bytes"),
        Sum(counters, DiskClass, "/oo_req"),
        Sum(counters, DiskClass, "/rd_req"),
        Sum(counters, DiskClass, "/wr_req"));

    private static long Sum(IReadOnlyDictionary<string, long> counters, string kind, string name)
    {
        long sum = 0;
        foreach ((string key, long value) in counters)
        {
            // A process that has been taken over may say anything; the sum wraps rather than throws.
            if (key.StartsWith($"{kind}/", StringComparison.Ordinal) && key.EndsWith(name, StringComparison.Ordinal))
                sum = unchecked(sum + value);
        }

        return sum;
    }
}
