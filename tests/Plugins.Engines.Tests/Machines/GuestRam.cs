using System.Runtime.InteropServices;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Engines.Tests.Machines;

/// <summary>
/// Guest memory from physical address 0, with an inaccessible megabyte on either side: an engine that reaches out of it ends the test process.
/// </summary>
/// <remarks>Safe because every accessor checks its range, and the memory outlives the machine over it (<see cref="GuestMachine"/> disposes it last).</remarks>
internal sealed unsafe class GuestRam : IGuestMemory, IDisposable
{
    private const int Guard = 1 << 20;
    private readonly byte* _mapped;
    private readonly byte*[] _frames;

    internal GuestRam(int size)
    {
        Size = size;
        _mapped = (byte*)Libc.Mmap(null, (nuint)(size + (2 * Guard)), Libc.ProtNone, Libc.MapPrivateAnonymous, -1, 0);
        if (_mapped == (byte*)-1 || Libc.Mprotect(_mapped + Guard, (nuint)size, Libc.ProtReadWrite) != 0)
            throw new IOException($"cannot map {size} bytes of guest memory: error {Marshal.GetLastPInvokeError()}");
        _frames = new byte*[size >> 12];
        for (int i = 0; i < _frames.Length; i++)
            _frames[i] = Base + ((long)i << 12);
    }

    internal int Size { get; }

    internal byte* Base => _mapped + Guard;

    public int PhysicalAddressBits { get; init; } = 39;

    public byte* FindFrame(GuestFrame frame) => frame.Number < (ulong)_frames.Length ? _frames[frame.Number] : null;

    /// <summary>Puts the memory of another frame, or none, behind a frame. The machine is to be told.</summary>
    internal void Remap(ulong frame, ulong? source) => _frames[frame] = source is { } s ? Base + (s << 12) : null;

    internal Span<byte> Bytes(ulong address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(address + (ulong)length, (ulong)Size);
        return new Span<byte>(Base + address, length);
    }

    internal T Read<T>(ulong address)
        where T : unmanaged
        => MemoryMarshal.Read<T>(Bytes(address, sizeof(T)));

    internal void Write<T>(ulong address, T value)
        where T : unmanaged
        => MemoryMarshal.Write(Bytes(address, sizeof(T)), value);

    public void Dispose() => Libc.Munmap(_mapped, (nuint)(Size + (2 * Guard)));
}
