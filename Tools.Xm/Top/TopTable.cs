using System.Globalization;
using System.Text;
using Hospes.Xm.Api;

namespace Hospes.Xm.Top;

/// <summary>The table of <c>xm top</c> in lines of text.</summary>
internal static class TopTable
{
    private const int VcpusPerLine = 5;

    public static string Header { get; } = string.Join(' ', TopColumn.All.Select(static column => column.Header.PadLeft(column.Width)));

    /// <summary>Each domain's row, and the lines below it that were asked for.</summary>
    public static IEnumerable<string> Lines(TopSample sample, TopOptions options)
    {
        bool isFirst = true;
        foreach (TopDomain domain in Sort(sample.Domains, options.SortedBy))
        {
            if (isFirst || options.RepeatsHeader)
                yield return Header;
            isFirst = false;
            yield return string.Join(' ', TopColumn.All.Select(column => column.Text(domain).PadLeft(column.Width)));
            if (options.ShowsVcpus)
            {
                foreach (VcpuInfo[] line in domain.Vcpus.Chunk(VcpusPerLine))
                    yield return Vcpus(line);
            }

            if (options.ShowsNetworks && domain.Info.Nets > 0)
                yield return $"Nets RX: {domain.Info.NetReceivedBytes,8}bytes  TX: {domain.Info.NetSentBytes,8}bytes";
            if (options.ShowsDisks && domain.Info.Vbds > 0)
                yield return $"VBDs OO: {domain.Info.VbdOutOfRequests,8}   RD: {domain.Info.VbdReads,8}   WR: {domain.Info.VbdWrites,8}";
        }
    }

    private static string Vcpus(VcpuInfo[] line)
    {
        StringBuilder text = new(line[0].Number == 0 ? "VCPUs(sec): " : "            ");
        foreach (VcpuInfo vcpu in line)
            text.Append(CultureInfo.InvariantCulture, $" {vcpu.Number,2}: {Math.Floor(vcpu.CpuTime),10:F0}s");
        return text.ToString();
    }

    private static IEnumerable<TopDomain> Sort(IReadOnlyList<TopDomain> domains, int column)
    {
        IOrderedEnumerable<TopDomain> sorted = column < 0
            ? domains.OrderBy(static domain => domain.Info.Domid)
            : TopColumn.All[column].Rank is { } rank
                ? domains.OrderByDescending(rank)
                : domains.OrderBy(domain => TopColumn.All[column].Text(domain), StringComparer.Ordinal);
        return sorted.ThenBy(static domain => domain.Info.Domid);
    }
}
