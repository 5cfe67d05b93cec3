using System.Runtime.InteropServices;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Block;

/// <summary>One request while it is under way; reused, so that requests allocate nothing. Belongs to the queue's thread, then to who transfers it.</summary>
internal sealed unsafe class BlockSlot(BlockQueue queue, int index) : IDisposable
{
    private const int FirstCapacity = 16;

    private GrantReference[] _grants = new GrantReference[FirstCapacity];
    private GuestPhysical[] _places = new GuestPhysical[FirstCapacity];
    private IoVector* _vectors = (IoVector*)NativeMemory.Alloc(FirstCapacity, (nuint)sizeof(IoVector));

    /// <summary>Its place among the queue's slots.</summary>
    internal int Index => index;

    /// <summary>Whose it is.</summary>
    internal BlockQueue Queue => queue;

    /// <summary>The guest's own name for the request.</summary>
    internal ulong Id { get; set; }

    /// <summary>What it asked for, as the answer repeats it.</summary>
    internal byte WireOperation { get; set; }

    /// <summary>What is to be done.</summary>
    internal BlockOperation Operation { get; set; }

    /// <summary>Where on the disk, bytes.</summary>
    internal long Offset { get; set; }

    /// <summary>How much, bytes; of a discard any amount, of data what the segments hold.</summary>
    internal long Length { get; set; }

    /// <summary>For transfers that bypass the image: the file and the place in it. Descriptor -1: through the image.</summary>
    internal int Descriptor { get; set; }

    /// <summary>See <see cref="Descriptor"/>.</summary>
    internal long FileOffset { get; set; }

    /// <summary>How it ended.</summary>
    internal BlockStatus Status { get; set; }

    /// <summary>Grants mapped for this request alone.</summary>
    internal int GrantCount { get; private set; }

    /// <summary>Stretches of memory.</summary>
    internal int VectorCount { get; private set; }

    /// <summary>The stretches.</summary>
    internal IoVector* Vectors => _vectors;

    /// <summary>For lists of slots.</summary>
    internal BlockSlot? Next { get; set; }

    /// <summary>The guest's pages are written: by a read.</summary>
    internal bool WritesGuest => Operation == BlockOperation.Read;

    /// <summary>Begins another request.</summary>
    internal void Begin(ulong id, byte wireOperation)
    {
        Id = id;
        WireOperation = wireOperation;
        Operation = (BlockOperation)wireOperation;
        Offset = Length = FileOffset = 0;
        Descriptor = -1;
        Status = BlockStatus.Error;
        GrantCount = VectorCount = 0;
    }

    /// <summary>Adds a segment of a page that was mapped. Neighbours in host memory become one stretch.</summary>
    /// <param name="reference">The grant to give back after the request; null: the page stays mapped.</param>
    /// <param name="page">The page.</param>
    /// <param name="offset">Where in it.</param>
    /// <param name="length">Bytes.</param>
    internal void Add(GrantReference? reference, in GrantPage page, int offset, int length)
    {
        if (Math.Max(GrantCount, VectorCount) == _grants.Length)
            Grow();
        byte* start = (byte*)page.Address + offset;
        if (reference is { } mapped)
            _grants[GrantCount++] = mapped;
        Length += length;
        GuestPhysical place = new((page.Frame.Number * GuestMemory.FrameSize) + (ulong)offset);
        if (VectorCount > 0)
        {
            ref IoVector last = ref _vectors[VectorCount - 1];
            if (last.Base + last.Length == start && _places[VectorCount - 1].Address + last.Length == place.Address)
            {
                last.Length += (nuint)length;
                return;
            }
        }

        _places[VectorCount] = place;
        _vectors[VectorCount++] = new IoVector { Base = start, Length = (nuint)length };
    }

    /// <summary>A grant that was mapped.</summary>
    internal GrantReference Grant(int at) => _grants[at];

    /// <summary>Where the guest sees a stretch.</summary>
    internal GuestPhysical Place(int at) => _places[at];

    /// <summary>Copies the stretches' content out, once.</summary>
    internal void Gather(Span<byte> into)
    {
        for (int at = 0; at < VectorCount; at++)
        {
            ReadOnlySpan<byte> part = new(_vectors[at].Base, (int)_vectors[at].Length);
            part.CopyTo(into);
            into = into[part.Length..];
        }
    }

    /// <summary>Fills the stretches.</summary>
    internal void Scatter(ReadOnlySpan<byte> from)
    {
        for (int at = 0; at < VectorCount; at++)
        {
            Span<byte> part = new(_vectors[at].Base, (int)_vectors[at].Length);
            from[..part.Length].CopyTo(part);
            from = from[part.Length..];
        }
    }

    /// <summary>Fills the stretches with zeroes.</summary>
    internal void Clear()
    {
        for (int at = 0; at < VectorCount; at++)
            new Span<byte>(_vectors[at].Base, (int)_vectors[at].Length).Clear();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.Free(_vectors);
        _vectors = null;
    }

    private void Grow()
    {
        int capacity = _grants.Length * 2;
        Array.Resize(ref _grants, capacity);
        Array.Resize(ref _places, capacity);
        _vectors = (IoVector*)NativeMemory.Realloc(_vectors, (nuint)(capacity * sizeof(IoVector)));
    }
}
