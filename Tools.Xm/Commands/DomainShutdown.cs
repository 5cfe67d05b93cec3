using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary>Asks domains to go down and, if wanted, watches them go (fact sheet "xm", section 2.1).</summary>
internal sealed class DomainShutdown(XmSession session, string reason)
{
    /// <summary>
    /// A rebooting domain is not listed for a moment, and one that has stopped is for a moment still: what is seen in so many looks, one after the other, lasts.
    /// </summary>
    private const int LooksUntilLasting = 3;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    public void Run(CommandLine line)
    {
        List<DomainInfo> domains = Select(line);
        foreach (DomainInfo domain in domains)
            session.Xend.Post(domain.Reference, "shutdown", ("reason", reason));
        if (line.Has("wait"))
            Wait(domains);
    }

    private List<DomainInfo> Select(CommandLine line)
    {
        if (line.Has("all"))
        {
            if (line.Arguments.Count > 0)
                throw new UsageException("No domain parameter is allowed together with -a");
            List<DomainInfo> all = ListCommand.Select(session.Xend, []);
            all.RemoveAll(domain => domain.Domid == 0);
            return all;
        }

        return line.Arguments.Count switch
        {
            0 => throw new UsageException("No domain parameter given"),
            1 => [session.Xend.Domain(line.Arguments[0])],
            _ => throw new UsageException("No multiple domain parameters allowed"),
        };
    }

    private void Wait(List<DomainInfo> domains)
    {
        bool reboots = reason == "reboot";
        Dictionary<DomainInfo, int> waiting = domains.ToDictionary(domain => domain, _ => 0);
        while (waiting.Count > 0)
        {
            session.Environment.Wait(BetweenLooks);
            DomainInfo[] now = session.Xend.Domains();
            foreach (DomainInfo domain in domains.Where(waiting.ContainsKey))
            {
                string? end = reboots ? RebootEnd(domain, now, waiting) : IsTerminated(domain, now, waiting) ? "terminated" : null;
                if (end is null)
                    continue;
                waiting.Remove(domain);
                session.Out.Write($"Domain {domain.Name} {end}\n");
            }
        }

        session.Out.Write(reboots ? "All domains rebooted\n" : "All domains terminated\n");
    }

    private static bool IsTerminated(DomainInfo domain, DomainInfo[] now, Dictionary<DomainInfo, int> waiting)
    {
        if (Array.Find(now, other => other.Domid == domain.Domid) is not { } current)
            return true;
        waiting[domain] = current.IsKept ? waiting[domain] + 1 : 0;
        return waiting[domain] == LooksUntilLasting;
    }

    private static string? RebootEnd(DomainInfo domain, DomainInfo[] now, Dictionary<DomainInfo, int> waiting)
    {
        DomainInfo? current = Array.Find(now, other => other.Name == domain.Name);
        if (current is not null && (current.Domid != domain.Domid || current.RestartCount != domain.RestartCount))
            return "rebooted";
        if (current is { IsKept: false })
        {
            waiting[domain] = 0;
            return null;
        }

        return ++waiting[domain] < LooksUntilLasting ? null : "destroyed for failed in rebooting";
    }
}
