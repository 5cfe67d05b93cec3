using Hospes.Differential.Machines;
using Iced.Intel;

namespace Hospes.Differential.Cases;

/// <summary>One experiment: an encoded instruction, the state before it, and the bytes of the windows of memory that it may use.</summary>
internal sealed unsafe class TestCase(TestRegion region)
{
    private readonly (nint Address, int Length)[] _windows =
    [
        ((nint)region.DataBorder - 256, 512),
        ((nint)region.DataEnd - 256, 256),
        ((nint)region.Data, 64),
        ((nint)region.Stack - 64, 512),
    ];

    private readonly byte[] _bytes = new byte[TestRegion.CodeCapacity];

    internal Instruction Instruction;
    internal MachineState State;

    internal int Length { get; private set; }

    internal ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, Length);

    /// <summary>Total of the windows.</summary>
    internal const int MemoryLength = 512 + 256 + 64 + 512;

    internal void Clear() => Length = 0;

    /// <summary>False: no room.</summary>
    internal bool TryAppend(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length)
            return false;
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
        return true;
    }

    /// <summary>Fills the windows with what <paramref name="next"/> gives.</summary>
    internal void FillMemory(Func<ulong> next)
    {
        foreach ((nint address, int length) in _windows)
        {
            for (int i = 0; i < length; i += 8)
                *(ulong*)(address + i) = next();
        }
    }

    internal void SaveMemory(byte[] to)
    {
        int at = 0;
        foreach ((nint address, int length) in _windows)
        {
            new ReadOnlySpan<byte>((void*)address, length).CopyTo(to.AsSpan(at));
            at += length;
        }
    }

    internal void RestoreMemory(byte[] from)
    {
        int at = 0;
        foreach ((nint address, int length) in _windows)
        {
            from.AsSpan(at, length).CopyTo(new Span<byte>((void*)address, length));
            at += length;
        }
    }

    /// <summary>The address behind a place in a saved memory.</summary>
    internal ulong AddressOf(int at)
    {
        foreach ((nint address, int length) in _windows)
        {
            if (at < length)
                return (ulong)(address + at);
            at -= length;
        }

        throw new ArgumentOutOfRangeException(nameof(at));
    }
}
