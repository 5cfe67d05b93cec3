using System.Text.Json;
using Hospes.Xm.Api;

namespace Hospes.Xm.Top;

/// <summary>The appliance at one moment.</summary>
internal sealed class TopSample
{
    private readonly Dictionary<string, string> _host;
    private readonly long _taken;
    private readonly DateTimeOffset _time;

    private TopSample(Dictionary<string, string> host, long taken, DateTimeOffset time) => (_host, _taken, _time) = (host, taken, time);

    public IReadOnlyList<TopDomain> Domains { get; private init; } = [];

    /// <summary>Asks xend.</summary>
    /// <param name="session">Whom.</param>
    /// <param name="before">The moment before, since which CPU time is counted.</param>
    /// <param name="withVcpus">Each vCPU too.</param>
    public static TopSample Take(XmSession session, TopSample? before, bool withVcpus)
    {
        Dictionary<string, string> host = Host(session.Xend);
        TimeProvider clock = session.Environment.Clock;
        DomainInfo[] infos = session.Xend.Domains();
        long taken = clock.GetTimestamp();
        double seconds = before is null ? 0 : clock.GetElapsedTime(before._taken, taken).TotalSeconds;
        long total = Number(host, "total_memory");
        return new TopSample(host, taken, clock.GetLocalNow())
        {
            Domains = [.. infos.Select(info => new TopDomain(info, CpuPercent(info, before, seconds), total, withVcpus ? Vcpus(session.Xend, info) : []))],
        };
    }

    /// <summary>The three lines above the table.</summary>
    public IEnumerable<string> Summary()
    {
        yield return $"xentop - {_time:HH:mm:ss}   Xen {Text("xen_major")}.{Text("xen_minor")}{Text("xen_extra")}";
        yield return $"{Domains.Count} domains: {Count('r')} running, {Count('b')} blocked, {Count('p')} paused, {Count('c')} crashed, {Count('d')} dying, {Count('s')} shutdown";
        long total = Number(_host, "total_memory") * 1024;
        long free = Number(_host, "free_memory") * 1024;
        yield return $"Mem: {total}k total, {total - free}k used, {free}k free    CPUs: {Text("nr_cpus")} @ {Text("cpu_mhz")}MHz";
    }

    private static double CpuPercent(DomainInfo info, TopSample? before, double seconds)
    {
        TopDomain? earlier = before?.Domains.FirstOrDefault(domain => domain.Info.Domid == info.Domid);
        return earlier is null || seconds <= 0 ? 0 : Math.Max(0, info.CpuTime - earlier.Info.CpuTime) * 100 / seconds;
    }

    private static IReadOnlyList<VcpuInfo> Vcpus(XendClient xend, DomainInfo info)
    {
        try
        {
            return xend.Vcpus(info.Reference);
        }
        catch (XendFaultException fault) when (fault.IsUnknownDomain)
        {
            return [];
        }
    }

    private static Dictionary<string, string> Host(XendClient xend) => JsonFields.Read(xend.Get("/v1/host"), static root =>
        root.EnumerateObject().Where(static field => field.Value.ValueKind is JsonValueKind.String or JsonValueKind.Number)
            .ToDictionary(static field => field.Name, static field => field.Value.ToString(), StringComparer.Ordinal));

    private static long Number(Dictionary<string, string> host, string key) => long.TryParse(host.GetValueOrDefault(key), out long value) ? value : 0;

    private string Text(string key) => _host.GetValueOrDefault(key, "");

    private int Count(char letter) => Domains.Count(domain => domain.Info.State.Contains(letter, StringComparison.Ordinal));
}
