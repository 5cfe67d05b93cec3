using System.Text;
using System.Text.Json;
using Hospes.Sxp;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm list</c>, in the columns that the manual's transcripts show (fact sheet "xm", section 4.1, row "M").</summary>
internal sealed class ListCommand : XmCommand
{
    private static readonly string[] States = ["all", "running", "paused", "halted", "suspended"];

    public override CommandDescription Description { get; } = new()
    {
        Name = "list",
        Group = CommandGroup.Domain,
        Arguments = "[-l|--long] [--label] [--state=STATE] [Domain ...]",
        Summary = "List domains: all, or those named.",
        IsCommon = true,
        Options =
        [
            new('l', "long", "Output all details in SXP"),
            new('\0', "label", "Show the domains' security labels"),
            new('\0', "state", "Only domains in this state: all, running, paused, halted or suspended", "STATE"),
            new('\0', "json", "Output as JSON"),
            new('v', "vcpus", "Deprecated: use xm vcpu-list"),
        ],
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Has("vcpus"))
        {
            session.Error.Write("xm list -v is deprecated.  Please use xm vcpu-list.\n");
            VcpuListCommand.WriteTable(session, line.Arguments);
            return 0;
        }

        string state = line.ValueOf("state") ?? "all";
        if (!States.Contains(state))
            throw new UsageException($"The state has to be one of {string.Join(", ", States)}, not '{state}'.");
        if (line.Has("state") && line.Arguments.Count > 0)
            throw new UsageException("You may specify either a state or a particular VM, but not both");

        if (line.Has("json"))
            WriteJson(session, line.Arguments, state);
        else if (line.Has("long"))
            WriteForms(session, line.Arguments, state);
        else if (line.Has("label"))
            WriteLabels(session.Out, SelectAll(session.Xend, line.Arguments).Where(domain => IsInState(domain, state)));
        else
            WriteTable(session.Out, SelectAll(session.Xend, line.Arguments).Where(domain => IsInState(domain, state)));
        return 0;
    }

    /// <summary>The named domains, or all that run, sorted by name.</summary>
    internal static List<DomainInfo> Select(XendClient xend, IReadOnlyList<string> names) => Select(xend, names, xend.Domains);

    /// <summary>The named domains, or all, sorted by name.</summary>
    private static List<DomainInfo> SelectAll(XendClient xend, IReadOnlyList<string> names) => Select(xend, names, xend.AllDomains);

    private static List<DomainInfo> Select(XendClient xend, IReadOnlyList<string> names, Func<DomainInfo[]> all)
    {
        List<DomainInfo> domains = names.Count == 0 ? [.. all()] : [.. names.Select(xend.Domain)];
        domains.Sort((left, right) => string.CompareOrdinal(left.Name, right.Name));
        return domains;
    }

    private static void WriteTable(TextWriter output, IEnumerable<DomainInfo> domains)
    {
        output.Write($"{"Name",-40} {"ID",3} {"Mem(MiB)",8} {"VCPUs",5} {"State",5} {"Time(s)",9}\n");
        foreach (DomainInfo domain in domains)
            output.Write($"{domain.Name,-40} {domain.Number,3} {domain.MemoryMiB,8} {domain.OnlineVcpus,5} {domain.State,5} {domain.CpuTime,8:F1}\n");
    }

    /// <summary>As the manual has it, by labels (fact sheet "xm", section 4.2, row "M").</summary>
    private static void WriteLabels(TextWriter output, IEnumerable<DomainInfo> domains)
    {
        output.Write($"{"Name",-32} {"ID",3} {"Mem(MiB)",8} {"VCPUs",5} {"State",5} {"Time(s)",9} {"Label",-8}\n");
        foreach (DomainInfo domain in domains.OrderBy(static domain => domain.Label, StringComparer.OrdinalIgnoreCase))
            output.Write($"{domain.Name,-32} {domain.Number,3} {domain.MemoryMiB,8} {domain.OnlineVcpus,5} {domain.State,5} {domain.CpuTime,8:F1} {domain.Label,9}\n");
    }

    private static void WriteForms(XmSession session, IReadOnlyList<string> names, string state)
    {
        HashSet<string> wanted = [.. SelectAll(session.Xend, names).Where(domain => IsInState(domain, state)).Select(Key)];
        try
        {
            IEnumerable<SxpList> forms = names.Count == 0
                ? SxpParser.ParseAll(session.Xend.DomainForms()).OfType<SxpList>()
                : names.Select(name => SxpParser.ParseForm(session.Xend.DomainForm(name)));
            foreach (SxpList form in forms.OrderBy(form => form.ValueText("name"), StringComparer.Ordinal))
            {
                if (wanted.Contains(form.ValueText("domid") ?? form.ValueText("uuid") ?? ""))
                    session.Out.Write(SxpPrinter.Pretty(form));
            }
        }
        catch (SxpSyntaxException error)
        {
            throw new MalformedReplyException($"ProtocolError(200, {error.Message}).");
        }
    }

    /// <summary>What tells a domain and its form to belong together.</summary>
    private static string Key(DomainInfo domain) => domain.IsRunning ? domain.Number : domain.Uuid;

    private static void WriteJson(XmSession session, IReadOnlyList<string> names, string state)
    {
        List<(DomainInfo Domain, byte[] Json)> entries = [];
        foreach (string path in names.Count == 0 ? ["/v1/domains?state=all"] : names.Select(XendClient.PathOf))
        {
            using JsonDocument answer = JsonDocument.Parse(session.Xend.Get(path));
            foreach (JsonElement element in names.Count == 0 ? [.. answer.RootElement.EnumerateArray()] : new[] { answer.RootElement })
                entries.Add((DomainInfo.Read(element), Encoding.UTF8.GetBytes(element.GetRawText())));
        }

        session.Out.Write(JsonPassage.IndentArray(
            [.. entries.Where(entry => IsInState(entry.Domain, state)).OrderBy(entry => entry.Domain.Name, StringComparer.Ordinal).Select(entry => entry.Json)]));
    }

    /// <summary>None is suspended: that needs saving, which xend cannot do yet.</summary>
    private static bool IsInState(DomainInfo domain, string state) => state switch
    {
        "all" => true,
        "halted" => !domain.IsRunning,
        "paused" => domain.State.Contains('p', StringComparison.Ordinal),
        "running" => domain.IsRunning && !domain.State.Contains('p', StringComparison.Ordinal) && !domain.HasStopped,
        _ => false,
    };
}
