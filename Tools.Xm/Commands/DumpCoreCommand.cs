using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm dump-core</c> (fact sheet "xm", section 2).</summary>
internal sealed class DumpCoreCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "dump-core",
        Group = CommandGroup.Domain,
        Arguments = "[-L|--live] [-C|--crash] <Domain> [Filename]",
        Summary = "Write a domain's memory and CPUs to a file that gdb and crash open.",
        IsCommon = true,
        Options =
        [
            new('L', "live", "Let the domain go on meanwhile"),
            new('C', "crash", "Destroy the domain afterwards"),
        ],
        MinimumArguments = 1,
        MaximumArguments = 2,
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        string domain = line.Arguments[0];
        session.Out.Write($"Dumping core of domain: {domain} ...\n");
        List<(string, object)> fields = [("live", line.Has("live") ? 1 : 0)];
        if (line.Arguments.Count > 1)
            fields.Add(("file", Path.GetFullPath(line.Arguments[1], session.Environment.WorkingDirectory)));
        session.Xend.Post(domain, "dump", fields.ToArray());
        if (!line.Has("crash"))
            return 0;
        session.Out.Write($"Destroying domain: {domain} ...\n");
        session.Xend.Post(domain, "destroy");
        return 0;
    }
}
