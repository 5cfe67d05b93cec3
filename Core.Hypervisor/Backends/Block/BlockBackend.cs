using System.Globalization;
using Hospes.Hypervisor.Backends.Block.Transfers;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk;
using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>A disk of a guest: the back-end that stock blkfront drivers speak to (fact sheet "Storage", sections 4 and 5).</summary>
/// <remarks>
/// Persistent grants are offered only where the appliance is told to: mapping a grant costs this back-end a compare-and-exchange, and a front-end
/// that keeps its grants copies every byte.
/// </remarks>
public sealed class BlockBackend : IDeviceBackend, IDeviceStatistics
{
    private const int Sector = 512;
    private const int MostPageOrder = 4;
    private const int MostQueues = 16;

    private readonly DeviceContext _context;
    private readonly BlockOptions _options;
    private readonly object _gate = new();
    private readonly List<BlockQueue> _queues = [];
    private IBlockImage _image;
    private volatile bool _isHeld;

    /// <summary>Takes over the image.</summary>
    public BlockBackend(DeviceContext context, IBlockImage image, BlockOptions options)
    {
        _context = context;
        _image = image;
        _options = options;
        Pool = new TransferPool($"{context.Address} pool");
        Take(image);
    }

    /// <inheritdoc/>
    public IEnumerable<KeyValuePair<string, long>> Counters => CountersNow.All;

    internal BlockCounters CountersNow { get; } = new();

    internal IBlockImage Image => _image;

    internal IBlockMapping? Mapping { get; private set; }

    internal int FlushDescriptor { get; private set; }

    internal BlockLimits Limits { get; private set; }

    internal TransferPool Pool { get; }

    internal bool UsesUring => _options.UsesUring;

    /// <summary>Requests wait in their rings: the medium is being changed.</summary>
    internal bool IsHeld => _isHeld;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Offer() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["max-ring-page-order"] = Text(MostPageOrder),
        ["multi-queue-max-queues"] = Text(Math.Clamp(_options.Queues, 1, MostQueues)),
    };

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Connect(FrontendNodes front)
    {
        BlockLayout layout = BlockLayout.Find(front.Text("protocol"))
            ?? throw new DeviceProtocolException($"unknown fe protocol {front.Text("protocol")}");
        uint order = front.Number("ring-page-order") ?? 0;
        if (order > MostPageOrder)
            throw new DeviceProtocolException($"ring-page-order {order} is more than the {MostPageOrder} that were offered");
        uint queues = front.Number("multi-queue-num-queues") ?? 1;
        if (queues == 0 || queues > (uint)Math.Clamp(_options.Queues, 1, MostQueues))
            throw new DeviceProtocolException($"multi-queue-num-queues {queues} is not between 1 and the {_options.Queues} that were offered");
        try
        {
            for (int queue = 0; queue < queues; queue++)
                Add(front, layout, queues == 1 && front.Text("queue-0/event-channel") is null ? "" : $"queue-{queue}/", (int)order, queue);
        }
        catch
        {
            Disconnect();
            throw;
        }

        return Describe();
    }

    /// <inheritdoc/>
    public void Disconnect()
    {
        BlockQueue[] queues;
        lock (_gate)
        {
            queues = [.. _queues];
            _queues.Clear();
        }

        foreach (BlockQueue queue in queues)
            queue.Dispose();
    }

    /// <summary>Puts another medium in; requests under way are carried out on the old one first. The old image is disposed.</summary>
    public void ChangeImage(IBlockImage image)
    {
        IBlockImage old;
        lock (_gate)
        {
            _isHeld = true;
            while (_queues.Exists(static queue => queue.HasWork))
                Monitor.Wait(_gate);
            old = _image;
            Take(image);
            _isHeld = false;
            foreach (BlockQueue queue in _queues)
                queue.Wake();
        }

        old.Dispose();
        _context.Publish(new Dictionary<string, string>(StringComparer.Ordinal) { ["sectors"] = Text((long)Limits.Sectors) });
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Disconnect();
        Pool.Dispose();
        try
        {
            // What the guest has not flushed it was not promised; it is kept all the same where that can be.
            if (Limits.IsWritable)
                _image.Flush();
        }
        catch (IOException failure)
        {
            _context.Say($"what was written last may be lost: {failure.Message}");
        }

        _image.Dispose();
    }

    /// <summary>A queue has nothing under way.</summary>
    internal void Drained()
    {
        if (!IsHeld)
            return;
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private void Take(IBlockImage image)
    {
        _image = image;
        Mapping = image as IBlockMapping;
        FlushDescriptor = Mapping?.FlushDescriptor ?? -1;
        Limits = new BlockLimits((ulong)image.Length / Sector, _options.IsWritable && image.IsWritable, image is IBlockDiscard && _options.IsWritable);
    }

    private void Add(FrontendNodes front, BlockLayout layout, string prefix, int order, int number)
    {
        List<MappedGrant> pages = [];
        BlockQueue queue;
        try
        {
            if (front.Text("ring-page-order") is null)
                pages.Add(_context.Map(front.Grant($"{prefix}ring-ref"), write: true));
            for (int page = 0; pages.Count < 1 << order; page++)
                pages.Add(_context.Map(front.Grant($"{prefix}ring-ref{page}"), write: true));
            queue = new BlockQueue(this, _context, [.. pages], layout, _options.OffersPersistentGrants && front.Flag("feature-persistent"), $"{_context.Address}.{number}");
        }
        catch
        {
            pages.ForEach(static page => page.Dispose());
            throw;
        }

        lock (_gate)
            _queues.Add(queue);
        queue.Start(front.Port($"{prefix}event-channel"));
    }

    private Dictionary<string, string> Describe()
    {
        const int cdrom = 1, removable = 2, readOnly = 4;
        int info = (_options.IsCdrom ? cdrom | removable : 0) | (Limits.IsWritable ? 0 : readOnly);
        Dictionary<string, string> nodes = new(StringComparer.Ordinal)
        {
            ["sectors"] = Text((long)Limits.Sectors),
            ["sector-size"] = Text(Sector),
            ["physical-sector-size"] = Text(Math.Max(Sector, _options.PhysicalSectorSize)),
            ["info"] = Text(info),
            ["feature-barrier"] = "1",
            ["feature-flush-cache"] = "1",
            ["feature-persistent"] = _options.OffersPersistentGrants ? "1" : "0",
            ["feature-max-indirect-segments"] = Text(BlockRequestReader.MostSegments),
        };
        if (Limits.CanDiscard && _image is IBlockDiscard discard)
        {
            nodes["feature-discard"] = "1";
            nodes["discard-granularity"] = Text(discard.DiscardGranularity);
            nodes["discard-alignment"] = "0";
            nodes["discard-secure"] = "0";
        }

        return nodes;
    }
}
