using System.Globalization;

namespace Hospes.Xm.Commands;

/// <summary>Sets of pCPUs in words.</summary>
internal static class CpuSet
{
    /// <summary><c>any cpu</c>, <c>no cpus</c>, or ranges as in <c>0-1,3</c>.</summary>
    /// <param name="affinity">Numbers of pCPUs in any order; as in Xen they are reduced modulo the number of pCPUs.</param>
    /// <param name="pcpus">How many pCPUs the host has, or 0 if that is not known.</param>
    public static string Describe(IEnumerable<int> affinity, int pcpus)
    {
        SortedSet<int> cpus = [.. affinity.Select(cpu => pcpus > 0 ? cpu % pcpus : cpu)];
        if (cpus.Count == 0)
            return "no cpus";
        return pcpus > 0 && cpus.Count == pcpus ? "any cpu" : string.Join(',', Ranges(cpus));
    }

    private static IEnumerable<string> Ranges(SortedSet<int> cpus)
    {
        int first = -1;
        int last = -1;
        foreach (int cpu in cpus)
        {
            if (first >= 0 && cpu == last + 1)
            {
                last = cpu;
                continue;
            }

            if (first >= 0)
                yield return Range(first, last);
            first = last = cpu;
        }

        yield return Range(first, last);
    }

    private static string Range(int first, int last) => first == last
        ? first.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");
}
