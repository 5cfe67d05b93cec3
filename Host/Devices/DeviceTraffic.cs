using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Domains;

namespace Hospes.Host.Devices;

/// <summary>
/// What has gone through domains' devices, as their processes count it: asked for when somebody looks. A process that does not answer in time keeps
/// nobody waiting for long; what it said last stands.
/// </summary>
internal sealed class DeviceTraffic
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    /// <summary>Brings the counters of these domains up to date.</summary>
    public Task RefreshAsync(IEnumerable<ManagedDomain> domains, CancellationToken cancellation) =>
        Task.WhenAll(domains.Where(static domain => domain is { IsLive: true, Process: not null, Devices.IsEmpty: false })
            .Select(domain => RefreshAsync(domain, cancellation)));

    private static async Task RefreshAsync(ManagedDomain domain, CancellationToken cancellation)
    {
        try
        {
            ControlMessage.Reply reply = await domain.Process!.RequestAsync(
                static id => new ControlMessage.DeviceStatistics { Id = id }, [], Patience, cancellation);
            domain.Traffic = DeviceTotals.Of(reply.Answer ?? DeviceTotals.NoCounters);
        }
        catch (XendException)
        {
            // It is on its way out, or busy.
        }
    }
}
