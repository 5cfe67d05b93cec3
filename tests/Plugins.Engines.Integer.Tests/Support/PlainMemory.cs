using System.Runtime.InteropServices;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Integer.Tests.Support;

/// <summary>Two MiB of guest memory from address 0; device space above.</summary>
internal sealed unsafe class PlainMemory : IGuestMemory, IDisposable
{
    internal const uint Size = 2 << 20;

    private readonly byte* _bytes = (byte*)NativeMemory.AlignedAlloc(Size, 4096);

    internal PlainMemory() => new Span<byte>(_bytes, (int)Size).Clear();

    /// <inheritdoc/>
    public int PhysicalAddressBits => 40;

    /// <inheritdoc/>
    public byte* FindFrame(GuestFrame frame) => frame.Start.Address < Size ? _bytes + frame.Start.Address : null;

    internal Span<byte> At(ulong address, int length) => new(_bytes + address, length);

    internal ref T Value<T>(ulong address)
        where T : unmanaged
        => ref *(T*)(_bytes + address);

    public void Dispose() => NativeMemory.AlignedFree(_bytes);
}
