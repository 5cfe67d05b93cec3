using System.Text;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm dmesg</c>.</summary>
internal sealed class DmesgCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "dmesg",
        Group = CommandGroup.Host,
        Arguments = "[-c|--clear]",
        Summary = "Show the messages of the hypervisor.",
        Options = [new('c', "clear", "Clear the messages after showing them")],
    };

    public override int Run(CommandLine line, XmSession session)
    {
        if (line.Arguments.Count > 0)
            throw new UsageException("No parameter required");
        session.Out.Write(Encoding.UTF8.GetString(session.Xend.Get("/v1/host/dmesg")));
        if (line.Has("clear"))
            session.Xend.PostHost("dmesg/clear");
        return 0;
    }
}
