using Hospes.Hypervisor.Backends.Block.Transfers;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Events;
using Hospes.Sdk;
using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>
/// One ring of a disk and the thread that serves it: takes requests, has them carried out, answers. Transfers to and from files go by io_uring between
/// the file and the guest's own pages; all else through the disk's pool.
/// </summary>
/// <remarks>
/// The thread sleeps when there is nothing to take, nothing answered and nothing done. Whoever has something for it signals: the guest's notification,
/// the kernel's io_uring, the pool. A barrier waits for what is under way and is carried out alone.
/// </remarks>
internal sealed unsafe class BlockQueue : IDisposable
{
    private const int LargestEntry = 112;

    private readonly BlockBackend _disk;
    private readonly DeviceContext _context;
    private readonly MappedGrant[] _pages;
    private readonly BlockRing _ring;
    private readonly BlockRequestReader _reader;
    private readonly PersistentGrants? _kept;
    private readonly BlockSlot[] _slots;
    private readonly BackendWorker _worker;
    private readonly Uring? _uring;
    private readonly AnswerPace _pace = new();
    private readonly Lock _doneLock = new();
    private readonly Lock _consuming = new();
    private BackendChannel? _channel;
    private BlockSlot? _free;
    private BlockSlot? _done;
    private BlockSlot? _barrier;
    private int _underway;

    /// <summary>Takes over the pages.</summary>
    internal BlockQueue(BlockBackend disk, DeviceContext context, MappedGrant[] pages, BlockLayout layout, bool isPersistent, string name)
    {
        _disk = disk;
        _context = context;
        _pages = pages;
        _ring = new BlockRing(pages, layout);
        _kept = isPersistent ? new PersistentGrants(context) : null;
        _reader = new BlockRequestReader(context, layout, _kept);
        _worker = new BackendWorker(name, Work, failure => context.Fail(
            failure is DeviceProtocolException ? failure.Message : $"{failure.GetType().Name}: {failure.Message}"));
        _uring = disk.UsesUring ? Uring.TryCreate((uint)_ring.Size, _worker.SignalDescriptor) : null;
        _slots = new BlockSlot[_ring.Size];
        for (int index = 0; index < _slots.Length; index++)
        {
            _slots[index] = new BlockSlot(this, index) { Next = _free };
            _free = _slots[index];
        }
    }

    /// <summary>The disk.</summary>
    internal IBlockImage Image => _disk.Image;

    /// <summary>Connects to the guest's port and begins.</summary>
    /// <exception cref="DeviceProtocolException">It is no port for this.</exception>
    internal void Start(EventPort port)
    {
        _channel = _context.Bind(port, _worker.Signal);
        _worker.Start();
    }

    /// <summary>For what goes wrong; the guest can cause it.</summary>
    internal void Say(string text) => _context.Say(text);

    /// <summary>A request was carried out by the pool.</summary>
    internal void Done(BlockSlot slot)
    {
        lock (_doneLock)
        {
            slot.Next = _done;
            _done = slot;
        }

        _worker.Signal();
    }

    /// <summary>Something is under way, or just about to be. Any thread.</summary>
    internal bool HasWork
    {
        get
        {
            lock (_consuming)
                return _underway != 0;
        }
    }

    /// <summary>Looks at the queue again; after the disk has changed.</summary>
    internal void Wake() => _worker.Signal();

    /// <summary>Waits for what is under way, without answering it, and gives everything back.</summary>
    public void Dispose()
    {
        _worker.Dispose();
        _channel?.Dispose();
        _uring?.Dispose();
        foreach (BlockSlot slot in _slots)
            slot.Dispose();
        _kept?.Dispose();
        foreach (MappedGrant page in _pages)
            page.Dispose();
    }

    private void Work(BackendWorker worker)
    {
        Func<bool> hasWork = HasMore;
        SetSignalling(false);
        try
        {
            while (!worker.IsStopping)
            {
                bool moved = Collect();
                moved |= Consume();
                _uring?.Submit();
                long wait = _pace.Wait(_ring.Untold, _underway, BackendClock.Now);
                if (wait == 0 && _ring.Tell())
                    _channel!.Notify();
                // While it looks, neither the guest nor the kernel has to signal anything.
                if (moved || worker.Linger(hasWork, wait == 0 ? -1 : wait) || wait != 0)
                    continue;
                SetSignalling(true);
                if (!HasMore() && !(CanConsume && _ring.Arm()))
                    worker.Wait();
                SetSignalling(false);
            }
        }
        finally
        {
            SetSignalling(true);
            // The kernel or the pool may still write to the guest's pages: they are kept until that is over.
            while (_underway > 0)
            {
                if (!Collect())
                    worker.Wait();
            }
        }
    }

    private void SetSignalling(bool isOn)
    {
        if (_uring is not null)
            _uring.IsSignalling = isOn;
    }

    private bool HasMore() => _uring is { HasAnswer: true } || (CanConsume && _ring.HasRequest);

    private bool CanConsume => _free is not null && _barrier is null && !_disk.IsHeld;

    private bool Consume()
    {
        Span<byte> entry = stackalloc byte[LargestEntry];
        bool any = false;
        using Lock.Scope scope = _consuming.EnterScope();
        while (CanConsume && _ring.TryTake(entry))
        {
            any = true;
            BlockSlot slot = _free!;
            _free = slot.Next;
            if (!_reader.Read(entry, slot, _disk.Limits))
            {
                Answer(slot, isMapped: false);
                continue;
            }

            _disk.CountersNow.Count(slot);
            _underway++;
            Begin(slot);
        }

        if (_free is null)
            _disk.CountersNow.CountStall();
        return any;
    }

    private void Begin(BlockSlot slot)
    {
        switch (slot.Operation)
        {
            case BlockOperation.WriteBarrier:
            case BlockOperation.Flush when slot.VectorCount > 0:
                _barrier = slot;
                BeginBarrier();
                return;
            case BlockOperation.Flush when _uring is not null && _disk.FlushDescriptor >= 0:
                slot.Length = 0;
                _uring.QueueFlush(_disk.FlushDescriptor, (ulong)slot.Index);
                return;
            case BlockOperation.Read or BlockOperation.Write when TryMap(slot, out bool isDone):
                if (isDone)
                    Finish(slot);
                else if (_uring is not null)
                    _uring.Queue(!slot.WritesGuest, slot.Descriptor, slot.FileOffset, slot.Vectors, slot.VectorCount, (ulong)slot.Index);
                else
                    _disk.Pool.Add(slot);
                return;
            default:
                slot.Descriptor = -1;
                _disk.Pool.Add(slot);
                return;
        }
    }

    /// <summary>Finds out whether the whole request is one stretch of a file, or of nothing.</summary>
    private bool TryMap(BlockSlot slot, out bool isDone)
    {
        isDone = false;
        if (_disk.Mapping is not { } mapping)
            return false;
        BlockExtent extent = mapping.Map(slot.Offset, slot.Length, !slot.WritesGuest);
        if (extent.Length < slot.Length)
            return false;
        switch (extent.Kind)
        {
            case BlockExtentKind.Data:
                slot.Descriptor = extent.Descriptor;
                slot.FileOffset = extent.Offset;
                return true;
            case BlockExtentKind.Zero when slot.WritesGuest:
                slot.Clear();
                slot.Status = BlockStatus.Okay;
                isDone = true;
                return true;
            default:
                return false;
        }
    }

    private void BeginBarrier()
    {
        // It is itself under way.
        if (_underway == 1)
        {
            _barrier!.Descriptor = -1;
            _disk.Pool.Add(_barrier);
        }
    }

    private bool Collect()
    {
        bool any = false;
        while (_uring is not null && _uring.TryTake(out ulong tag, out int result))
        {
            any = true;
            BlockSlot slot = _slots[(int)tag];
            if (result == slot.Length)
            {
                slot.Status = BlockStatus.Okay;
                Finish(slot);
            }
            else
            {
                // Less than all, or an error: the image knows what that means, and if it cannot do it either, why.
                slot.Descriptor = -1;
                _disk.Pool.Add(slot);
            }
        }

        BlockSlot? done;
        lock (_doneLock)
        {
            done = _done;
            _done = null;
        }

        while (done is not null)
        {
            any = true;
            BlockSlot slot = done;
            done = slot.Next;
            Finish(slot);
        }

        return any;
    }

    private void Finish(BlockSlot slot)
    {
        if (slot.WritesGuest)
        {
            for (int at = 0; at < slot.VectorCount; at++)
                _context.ContentWritten(slot.Place(at), slot.Vectors[at].Length);
        }

        _underway--;
        bool wasBarrier = _barrier == slot;
        if (wasBarrier)
            _barrier = null;
        Answer(slot, isMapped: true);
        if (!wasBarrier && _barrier is not null)
            BeginBarrier();
        if (_underway == 0)
            _disk.Drained();
    }

    private void Answer(BlockSlot slot, bool isMapped)
    {
        if (slot.Status == BlockStatus.Error)
            _disk.CountersNow.CountError();
        if (isMapped)
            _reader.Release(slot);
        _ring.Put(slot.Id, slot.WireOperation, slot.Status);
        slot.Next = _free;
        _free = slot;
    }
}
