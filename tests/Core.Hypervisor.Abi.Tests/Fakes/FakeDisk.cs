using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>A disk in an array, which can fail, and hold requests until it is told to go on.</summary>
internal sealed class FakeDisk(int sectors) : IBlockImage, IBlockDiscard
{
    private readonly Lock _lock = new();

    public byte[] Bytes { get; } = new byte[sectors * 512];

    public List<string> Calls { get; } = [];

    public Func<string, Exception?> Fails { get; set; } = static _ => null;

    public ManualResetEventSlim Gate { get; } = new(initialState: true);

    public bool IsDisposed { get; private set; }

    public long Length => Bytes.Length;

    public bool IsWritable { get; init; } = true;

    public int DiscardGranularity => 4096;

    public void Read(long offset, Span<byte> into)
    {
        Note($"read {offset / 512} {into.Length / 512}");
        Bytes.AsSpan((int)offset, into.Length).CopyTo(into);
    }

    public void Write(long offset, ReadOnlySpan<byte> from)
    {
        Note($"write {offset / 512} {from.Length / 512}");
        from.CopyTo(Bytes.AsSpan((int)offset));
    }

    public void Flush() => Note("flush");

    public void Discard(long offset, long length) => Note($"discard {offset / 512} {length / 512}");

    public void Dispose() => IsDisposed = true;

    private void Note(string call)
    {
        Gate.Wait();
        lock (_lock)
            Calls.Add(call);
        if (Fails(call) is { } failure)
            throw failure;
    }
}
