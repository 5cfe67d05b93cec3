namespace Hospes.Hypervisor.Memory;

/// <summary>RAM of a guest that does not run yet, lent to the one who builds it; zero at the start and, once disposed, zero again.</summary>
internal sealed unsafe class BorrowedRam(byte* start, ulong length, Action giveBack) : IDisposable
{
    /// <summary>Less than this is not worth lending, in bytes.</summary>
    public const ulong Least = 32 << 20;

    private bool _returned;

    /// <summary>Its first byte; valid until <see cref="Dispose"/>.</summary>
    public byte* Start => start;

    /// <summary>How many bytes it has, all of them contiguous.</summary>
    public ulong Length => length;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_returned)
            return;
        _returned = true;
        giveBack();
    }
}
