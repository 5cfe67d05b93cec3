using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm event-monitor</c>: a line for each thing that happens to a domain, until it is interrupted or xend stops.</summary>
internal sealed class EventMonitorCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "event-monitor",
        Group = CommandGroup.Tool,
        Arguments = "[--json]",
        Summary = "Show what happens to domains as it happens.",
        Options = [new('\0', "json", "Output a JSON object for each event")],
        MaximumArguments = 0,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        bool json = line.Has("json");
        session.Xend.Follow("/v1/events", text =>
        {
            if (json)
                session.Out.Write(text + "\n");
            else
                session.Out.Write(JsonFields.Read(System.Text.Encoding.UTF8.GetBytes(text), Describe));
        });
        return 0;
    }

    private static string Describe(System.Text.Json.JsonElement happened) =>
        $"{happened.Text("time")} {happened.Text("kind"),-10} {happened.Text("name")}{(happened.TryGetProperty("domid", out var domid) ? $" ({domid})" : "")}\n";
}
