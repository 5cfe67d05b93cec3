namespace Hospes.Hypervisor.Backends.Block;

/// <summary>What a disk has done, under xentop's names (fact sheet "Storage", section 9). Any thread.</summary>
internal sealed class BlockCounters
{
    private long _stalls;
    private long _reads;
    private long _writes;
    private long _flushes;
    private long _discards;
    private long _sectorsRead;
    private long _sectorsWritten;
    private long _errors;

    internal IEnumerable<KeyValuePair<string, long>> All =>
    [
        new("oo_req", Volatile.Read(ref _stalls)),
        new("rd_req", Volatile.Read(ref _reads)),
        new("wr_req", Volatile.Read(ref _writes)),
        new("br_req", Volatile.Read(ref _flushes)),
        new("ds_req", Volatile.Read(ref _discards)),
        new("rd_sect", Volatile.Read(ref _sectorsRead)),
        new("wr_sect", Volatile.Read(ref _sectorsWritten)),
        new("errors", Volatile.Read(ref _errors)),
    ];

    /// <summary>A request was accepted.</summary>
    internal void Count(BlockSlot slot)
    {
        switch (slot.Operation)
        {
            case BlockOperation.Read:
                Interlocked.Increment(ref _reads);
                Interlocked.Add(ref _sectorsRead, slot.Length / 512);
                break;
            case BlockOperation.Write:
                Interlocked.Increment(ref _writes);
                Interlocked.Add(ref _sectorsWritten, slot.Length / 512);
                break;
            case BlockOperation.Discard:
                Interlocked.Increment(ref _discards);
                break;
            default:
                Interlocked.Increment(ref _flushes);
                Interlocked.Add(ref _sectorsWritten, slot.Length / 512);
                break;
        }
    }

    /// <summary>The ring had more requests than may be under way.</summary>
    internal void CountStall() => Interlocked.Increment(ref _stalls);

    /// <summary>A request failed.</summary>
    internal void CountError() => Interlocked.Increment(ref _errors);
}
