using System.Text;
using System.Text.Json;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm vcpu-list</c> (fact sheet "xm", section 4.4).</summary>
internal sealed class VcpuListCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "vcpu-list",
        Group = CommandGroup.Domain,
        Arguments = "[Domain ...]",
        Summary = "List the VCPUs of all domains, or of those named.",
        Options = [new('\0', "json", "Output as JSON")],
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("json"))
            WriteJson(session, line.Arguments);
        else
            WriteTable(session, line.Arguments);
        return 0;
    }

    internal static void WriteTable(XmSession session, IReadOnlyList<string> names)
    {
        List<DomainInfo> domains = ListCommand.Select(session.Xend, names);
        int pcpus = PcpuCount(session.Xend);
        session.Out.Write($"{"Name",-32} {"ID",5} {"VCPU",5} {"CPU",5} {"State",5} {"Time(s)",9} CPU Affinity\n");
        foreach (DomainInfo domain in domains)
        {
            foreach (VcpuInfo vcpu in VcpusOf(session.Xend, domain))
                session.Out.Write(Row(domain, vcpu, pcpus));
        }
    }

    private static void WriteJson(XmSession session, IReadOnlyList<string> names)
    {
        List<byte[]> entries = [];
        foreach (DomainInfo domain in ListCommand.Select(session.Xend, names))
        {
            string vcpus = Encoding.UTF8.GetString(session.Xend.Get(XendClient.PathOf(domain.Reference) + "/vcpus"));
            string name = JsonEncodedText.Encode(domain.Name).ToString();
            entries.Add(Encoding.UTF8.GetBytes($"{{\"domid\":{domain.Domid},\"name\":\"{name}\",\"vcpus\":{vcpus}}}"));
        }

        session.Out.Write(JsonPassage.IndentArray(entries));
    }

    private static string Row(DomainInfo domain, VcpuInfo vcpu, int pcpus)
    {
        string cpu = vcpu.Online ? vcpu.Pcpu.ToString(System.Globalization.CultureInfo.InvariantCulture) : "-";
        string state = vcpu.Online ? $"{(vcpu.Running ? 'r' : '-')}{(vcpu.Blocked ? 'b' : '-')}-" : "--p";
        return $"{domain.Name,-32} {domain.Domid,5} {vcpu.Number,5} {cpu,5} {state,5}  {vcpu.CpuTime,8:F1} {CpuSet.Describe(vcpu.Affinity, pcpus)}\n";
    }

    /// <summary>A domain may end between the list of domains and this question: then it has none.</summary>
    private static VcpuInfo[] VcpusOf(XendClient xend, DomainInfo domain)
    {
        try
        {
            return xend.Vcpus(domain.Reference);
        }
        catch (XendFaultException fault) when (fault.IsUnknownDomain)
        {
            return [];
        }
    }

    private static int PcpuCount(XendClient xend)
    {
        using JsonDocument host = JsonDocument.Parse(xend.Get("/v1/host"));
        return host.RootElement.TryGetProperty("nr_cpus", out JsonElement count) && int.TryParse(count.ToString(), out int number) ? number : 0;
    }
}
