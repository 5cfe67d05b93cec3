using System.Text;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm log</c>.</summary>
internal sealed class LogCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "log",
        Group = CommandGroup.Host,
        Summary = "Show the log of xend.",
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        session.Out.Write(Encoding.UTF8.GetString(session.Xend.Get("/v1/host/log")));
        return 0;
    }
}
