using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary><c>xm uptime</c> (fact sheet "xm", section 2.2).</summary>
internal sealed class UptimeCommand : XmCommand
{
    public override CommandDescription Description { get; } = new()
    {
        Name = "uptime",
        Group = CommandGroup.Domain,
        Arguments = "[-s|--short] [<Domain>...]",
        Summary = "Show how long domains have been running.",
        IsCommon = true,
        Options = [new('s', "short", "One line per domain, with the time of day"), new('\0', "json", "Output as JSON, in seconds")],
        ArgumentKind = ArgumentKind.Domain,
    };

    public override int Run(CommandLine line, XmSession session)
    {
        List<DomainInfo> domains = ListCommand.Select(session.Xend, line.Arguments);
        DateTimeOffset now = session.Environment.Clock.GetLocalNow();
        if (line.Has("json"))
        {
            session.Out.Write(JsonPassage.IndentArray(
            [
                .. domains.Select(domain => System.Text.Encoding.UTF8.GetBytes(
                    $"{{\"domid\":{domain.Domid},\"name\":\"{System.Text.Json.JsonEncodedText.Encode(domain.Name)}\",\"uptime\":{(long)Uptime(domain).TotalSeconds}}}")),
            ]));
            return 0;
        }

        bool isShort = line.Has("short");
        if (!isShort)
            session.Out.Write($"{"Name",-33}{"ID",4} Uptime\n");
        foreach (DomainInfo domain in domains)
        {
            TimeSpan uptime = Uptime(domain);
            session.Out.Write(isShort
                ? $" {now:HH:mm:ss} up {Days(uptime)}{uptime.Hours,2}:{uptime.Minutes:00}, {domain.Name} ({domain.Domid})\n"
                : $"{domain.Name,-32}{domain.Domid,5} {Days(uptime)}{uptime.Hours,2}:{uptime.Minutes:00}:{uptime.Seconds:00}\n");
        }

        return 0;

        TimeSpan Uptime(DomainInfo domain) => domain.Domid == 0 ? session.Environment.HostUptime() : UptimeOf(domain, now);
    }

    /// <summary>A clock that was set back makes no negative uptimes.</summary>
    private static TimeSpan UptimeOf(DomainInfo domain, DateTimeOffset now)
    {
        double seconds = (now.ToUnixTimeMilliseconds() / 1000.0) - domain.StartTime;
        return TimeSpan.FromSeconds(Math.Max(0, seconds));
    }

    private static string Days(TimeSpan uptime) => uptime.Days switch
    {
        0 => "",
        1 => "1 day, ",
        int days => $"{days} days, ",
    };
}
