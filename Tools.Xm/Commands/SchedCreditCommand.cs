using System.Globalization;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm sched-credit</c> (fact sheet "xm", section 6.1).</summary>
internal sealed class SchedCreditCommand : XmCommand
{
    private const string Scheduler = "credit";

    public override CommandDescription Description { get; } = new()
    {
        Name = "sched-credit",
        Group = CommandGroup.Scheduler,
        Arguments = "[-d <Domain> [-w[=WEIGHT]|-c[=CAP]]]",
        Summary = "Get or set the parameters of the credit scheduler.",
        Options =
        [
            new('d', "domain", "Domain to look at or to change", "DOMAIN"),
            new('w', "weight", "Share relative to the other domains: 1 to 65535", "WEIGHT"),
            new('c', "cap", "The most it may use, in percent of one CPU; 0: all it can get", "CAP"),
            new('\0', "json", "Output as JSON"),
        ],
        MaximumArguments = 0,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string? domain = line.ValueOf("domain");
        Dictionary<string, long> changes = [];
        foreach (string name in (string[])["weight", "cap"])
        {
            if (line.ValueOf(name) is { } text)
                changes[name] = long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) ? value : throw new UsageException("Invalid argument.");
        }

        if (domain is null && changes.Count > 0)
            throw new UsageException("No domain given.");
        SchedulerTable.Require(session, Scheduler);
        if (changes.Count > 0)
        {
            session.Xend.SetSchedulerParameters(domain!, Scheduler, changes);
            return 0;
        }

        if (line.Has("json"))
        {
            SchedulerTable.WriteJson(session, domain is null ? [] : [domain]);
            return 0;
        }

        session.Out.Write($"{"Name",-33} {"ID",4} {"Weight",6} {"Cap",4}\n");
        foreach (var (info, values) in SchedulerTable.Read(session, domain is null ? [] : [domain]))
            session.Out.Write($"{info.Name,-32} {info.Domid,5} {values["weight"],6} {values["cap"],4}\n");
        return 0;
    }
}
