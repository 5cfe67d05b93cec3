using System.Globalization;
using Hospes.Hypervisor.Backends.Devices;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// The back-end of a network device (fact sheet "Guest ABI", section 12.2): moves frames between the guest's rings and a tap that the control plane has
/// made and connected. See README.md.
/// </summary>
public sealed class NetworkBackend : IDeviceBackend, IDeviceStatistics
{
    private readonly DeviceContext _context;
    private readonly NetworkSettings _settings;
    private readonly TapQueue[] _taps;
    private readonly NetworkCounters[] _counters;
    private List<NetworkQueue> _queues = [];

    /// <summary>Takes the tap's queues over, in order.</summary>
    public NetworkBackend(DeviceContext context, NetworkSettings settings, IReadOnlyList<SafeFileHandle> queues)
    {
        ArgumentOutOfRangeException.ThrowIfZero(queues.Count);
        _context = context;
        _settings = settings;
        _taps = [.. queues.Select(static queue => new TapQueue(queue))];
        _counters = [.. queues.Select(static _ => new NetworkCounters())];
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Counters =>
    [
        Sum("tx_packets", static counters => Volatile.Read(ref counters.TransmittedPackets)),
        Sum("tx_bytes", static counters => Volatile.Read(ref counters.TransmittedBytes)),
        Sum("tx_errors", static counters => Volatile.Read(ref counters.TransmitErrors)),
        Sum("tx_dropped", static counters => Volatile.Read(ref counters.TransmitDrops)),
        Sum("rx_packets", static counters => Volatile.Read(ref counters.ReceivedPackets)),
        Sum("rx_bytes", static counters => Volatile.Read(ref counters.ReceivedBytes)),
        Sum("rx_errors", static counters => Volatile.Read(ref counters.ReceiveErrors)),
        Sum("rx_dropped", static counters => Volatile.Read(ref counters.ReceiveDrops)),
    ];

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Offer() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["feature-rx-copy"] = "1",
        ["feature-rx-flip"] = "0",
        ["feature-sg"] = "1",
        ["feature-gso-tcpv4"] = "1",
        ["feature-gso-tcpv6"] = "1",
        ["feature-ipv6-csum-offload"] = "1",
        ["feature-split-event-channels"] = "1",
        ["multi-queue-max-queues"] = _taps.Length.ToString(CultureInfo.InvariantCulture),
    };

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Connect(FrontendNodes front)
    {
        if (!front.Flag("request-rx-copy"))
            throw new DeviceProtocolException("the front-end wants its pages exchanged instead of filled (no request-rx-copy), which is not offered");
        uint wanted = front.Number("multi-queue-num-queues") ?? 1;
        if (wanted is 0 || wanted > _taps.Length)
            throw new DeviceProtocolException($"the front-end wants {wanted} queues, where 1 to {_taps.Length} are offered");
        List<NetworkQueue> queues = [];
        try
        {
            _taps[0].SetOffloads(GuestAbilities.Read(front).TapOffloads);
            for (int queue = 0; queue < _taps.Length; queue++)
                _taps[queue].SetAttached(queue < wanted);
            for (int queue = 0; queue < wanted; queue++)
            {
                // One queue has its nodes in the directory itself, unless the front-end has spoken of queues.
                string path = front.Number("multi-queue-num-queues") is null ? "" : string.Create(CultureInfo.InvariantCulture, $"queue-{queue}/");
                if (wanted == 1 && front.Text("tx-ring-ref") is not null)
                    path = "";
                queues.Add(new NetworkQueue(_context, front, path, _taps[queue], Share(_settings, wanted), _counters[queue]));
            }
        }
        catch
        {
            queues.ForEach(static queue => queue.Dispose());
            throw;
        }

        _queues = queues;
        queues.ForEach(static queue => queue.Start());
        return new Dictionary<string, string>(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        _queues.ForEach(static queue => queue.Dispose());
        _queues = [];
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        foreach (TapQueue tap in _taps)
            tap.Dispose();
    }

    // A flow stays in its queue, so a limit for the device is one for each queue in equal parts.
    private static NetworkSettings Share(NetworkSettings settings, uint queues) =>
        settings.RateInterval == 0 ? settings : settings with { RateBytes = Math.Max(settings.RateBytes / queues, 1) };

    private KeyValuePair<string, long> Sum(string name, Func<NetworkCounters, long> counter) => new(name, _counters.Sum(counter));
}
