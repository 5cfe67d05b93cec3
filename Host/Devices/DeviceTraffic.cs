using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains;

namespace Hospes.Host.Devices;

/// <summary>
/// What has gone through domains' devices, as their processes count it: asked for when somebody looks. A process that does not answer at once keeps
/// nobody waiting: what it said last stands, and it is not asked again before it has answered.
/// </summary>
internal sealed class DeviceTraffic
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Brings the counters of these domains up to date, as far as that goes at once.</summary>
    public async Task RefreshAsync(IEnumerable<ManagedDomain> domains, CancellationToken cancellation)
    {
        Task[] answers = [.. domains.Where(static domain => domain is { IsLive: true, Process: not null, Devices.IsEmpty: false }).Select(Ask)];
        if (answers.Length != 0)
            await Task.WhenAny(Task.WhenAll(answers), Task.Delay(Patience, cancellation));
    }

    private static Task Ask(ManagedDomain domain)
    {
        if (domain.TrafficAnswer.IsCompleted)
            domain.TrafficAnswer = AskAsync(domain);
        return domain.TrafficAnswer;
    }

    private static async Task AskAsync(ManagedDomain domain)
    {
        try
        {
            ControlMessage.Reply reply = await domain.Process!.RequestAsync(
                static id => new ControlMessage.DeviceStatistics { Id = id }, [], RequestTimeout, CancellationToken.None);
            domain.Traffic = DeviceTotals.Of(reply.Answer ?? DeviceTotals.NoCounters);
        }
        catch (XendException)
        {
            // It is on its way out, or busy.
        }
    }
}
