using System.Globalization;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>
/// Lists of pCPUs as people write them: <c>0-3,5,^1</c>, read from left to right, so that what comes later adds again or takes away; <c>all</c> is
/// every one (fact sheets "Domain configuration", section 3, and "xm", section 5).
/// </summary>
internal static class PcpuList
{
    private const string All = "all";

    /// <summary>The set that a list means.</summary>
    /// <param name="text">The list.</param>
    /// <param name="pcpus">How many pCPUs there are.</param>
    /// <exception cref="FormatException">It is no list, names a pCPU that there is not, or leaves none; the message says which.</exception>
    public static PcpuSet Parse(string text, int pcpus)
    {
        PcpuSet set = default;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            bool excludes = part.StartsWith('^');
            PcpuSet range = Range(excludes ? part[1..] : part, text, pcpus);
            set = new PcpuSet(excludes ? set.Mask & ~range.Mask : set.Mask | range.Mask);
        }

        return set.IsEmpty ? throw new FormatException($"'{text}' leaves no CPU") : set;
    }

    /// <summary>The list that means where all vCPUs of a domain may run; null: everywhere, or each of them somewhere else.</summary>
    public static string? Format(VmConfiguration configuration)
    {
        if (configuration.Tuning.Affinity.IsEmpty)
            return configuration.Cpus;
        PcpuSet[] sets = [.. Enumerable.Range(0, configuration.Vcpus).Select(vcpu => configuration.Tuning.AffinityOf(new VcpuId(vcpu))).Distinct()];
        return sets is not [var set] ? null : set == PcpuSet.All ? null : string.Join(',', set.Members().Select(static pcpu => pcpu.Value));
    }

    private static PcpuSet Range(string part, string text, int pcpus)
    {
        // All that there can be, so that it still means everywhere when there are more some day.
        if (string.Equals(part, All, StringComparison.Ordinal))
            return PcpuSet.All;
        string[] ends = part.Split('-');
        if (ends.Length > 2 || !TryNumber(ends[0], out int first) || !TryNumber(ends[^1], out int last) || first > last)
            throw new FormatException($"'{text}' is no list of CPUs: '{part}' is neither a number nor a range like 0-3");
        if (last >= pcpus)
            throw new FormatException($"'{text}' names CPU {last}, and there {(pcpus == 1 ? "is CPU 0 only" : $"are CPUs 0 to {pcpus - 1}")}");
        return new PcpuSet(PcpuSet.FirstOf(last + 1).Mask & ~PcpuSet.FirstOf(first).Mask);
    }

    private static bool TryNumber(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
