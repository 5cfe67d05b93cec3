using System.Text;
using System.Text.Json;
using Hospes.Xm.Api;
using Hospes.Xm.Cli;

namespace Hospes.Xm.Commands;

/// <summary>What the commands of the two schedulers have in common.</summary>
internal static class SchedulerTable
{
    /// <exception cref="CommandFailedException">Another scheduler is in charge.</exception>
    public static void Require(XmSession session, string scheduler)
    {
        string running = session.Xend.Scheduler();
        if (running != scheduler)
            throw new CommandFailedException($"Xen is running with the {running} scheduler");
    }

    /// <summary>Writes domains with their parameters as JSON.</summary>
    public static void WriteJson(XmSession session, IReadOnlyList<string> names) => session.Out.Write(JsonPassage.IndentArray(
    [
        .. Read(session, names).Select(static row => Encoding.UTF8.GetBytes(
            $"{{\"domid\":{row.Domain.Domid},\"name\":\"{JsonEncodedText.Encode(row.Domain.Name)}\","
            + $"{string.Join(',', row.Values.Select(static value => $"\"{JsonEncodedText.Encode(value.Key)}\":{value.Value}"))}}}")),
    ]));

    /// <summary>Domains with their parameters; those that have ended meanwhile are left out.</summary>
    public static IEnumerable<(DomainInfo Domain, IReadOnlyDictionary<string, long> Values)> Read(XmSession session, IReadOnlyList<string> names)
    {
        foreach (DomainInfo domain in ListCommand.Select(session.Xend, names))
        {
            IReadOnlyDictionary<string, long>? values = null;
            try
            {
                values = session.Xend.SchedulerParameters(domain.Reference);
            }
            catch (XendFaultException fault) when (fault.IsUnknownDomain || domain.HasStopped)
            {
                // It went away after the list was made, or is not scheduled any more.
            }

            if (values is not null)
                yield return (domain, values);
        }
    }
}
