namespace Hospes.Host.Xenstore.Tree;

/// <summary>Gives every change in the store's life a number of its own, so that equal stamps mean "not touched in between".</summary>
internal sealed class StampSource
{
    private long _last;

    public StampSource(long last = 0) => _last = last;

    public long Next() => Interlocked.Increment(ref _last);
}
