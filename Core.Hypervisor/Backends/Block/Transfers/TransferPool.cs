using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Backends.Block.Transfers;

/// <summary>
/// A disk's own threads, for what may wait for a medium and has no asynchronous way: images that are more than a file, discards, and everything where
/// there is no io_uring. They are started when there is work and stay.
/// </summary>
internal sealed unsafe class TransferPool : IDisposable
{
    private const int MostThreads = 4;
    private const int Alignment = 4096;

    private readonly object _gate = new();
    private readonly string _name;
    private readonly List<Thread> _threads = [];
    private BlockSlot? _first;
    private BlockSlot? _last;
    private int _idle;
    private bool _isEnding;

    internal TransferPool(string name) => _name = name;

    /// <summary>Carries a request out; the outcome is in its status. On a pool thread.</summary>
    /// <param name="slot">The request; its queue must not touch it until done.</param>
    internal void Add(BlockSlot slot)
    {
        lock (_gate)
        {
            slot.Next = null;
            if (_last is null)
                _first = slot;
            else
                _last.Next = slot;
            _last = slot;
            if (_idle > 0)
            {
                Monitor.Pulse(_gate);
            }
            else if (_threads.Count < MostThreads)
            {
                Thread thread = new(Run, 256 * 1024) { IsBackground = true, Name = _name };
                _threads.Add(thread);
                thread.Start();
            }
        }
    }

    /// <summary>Ends the threads; what was added has been done before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread thread in _threads)
            thread.Join();
    }

    private void Run()
    {
        byte* buffer = null;
        nuint size = 0;
        while (Take() is { } slot)
        {
            // Through the image, data go through memory of ours: aligned, contiguous, and the guest cannot change it meanwhile.
            nuint needed = slot.Descriptor < 0 && slot.VectorCount > 0 ? (nuint)slot.Length : 0;
            if (needed > size)
            {
                NativeMemory.AlignedFree(buffer);
                buffer = (byte*)NativeMemory.AlignedAlloc(needed, Alignment);
                size = needed;
            }

            BlockQueue queue = slot.Queue;
            try
            {
                slot.Status = slot.Descriptor >= 0 ? Transfer(slot) : Carry(slot, queue.Image, new Span<byte>(buffer, (int)needed));
            }
            catch (Exception failure) when (failure is not OutOfMemoryException)
            {
                slot.Status = BlockStatus.Error;
                queue.Say(failure.Message);
            }

            queue.Done(slot);
        }

        NativeMemory.AlignedFree(buffer);
    }

    private BlockSlot? Take()
    {
        lock (_gate)
        {
            _idle++;
            while (_first is null && !_isEnding)
                Monitor.Wait(_gate);
            _idle--;
            BlockSlot? slot = _first;
            _first = slot?.Next;
            if (_first is null)
                _last = null;
            return slot;
        }
    }

    private static BlockStatus Carry(BlockSlot slot, IBlockImage image, Span<byte> buffer)
    {
        switch (slot.Operation)
        {
            case BlockOperation.Read:
                image.Read(slot.Offset, buffer);
                slot.Scatter(buffer);
                return BlockStatus.Okay;
            case BlockOperation.Write:
                slot.Gather(buffer);
                image.Write(slot.Offset, buffer);
                return BlockStatus.Okay;
            case BlockOperation.Discard:
                ((IBlockDiscard)image).Discard(slot.Offset, slot.Length);
                return BlockStatus.Okay;
            default:
                image.Flush();
                if (buffer.IsEmpty)
                    return BlockStatus.Okay;
                slot.Gather(buffer);
                image.Write(slot.Offset, buffer);
                image.Flush();
                return BlockStatus.Okay;
        }
    }

    // The same as io_uring does, for where there is none. Anything but the whole goes through the image, which knows why.
    private static BlockStatus Transfer(BlockSlot slot)
    {
        nint count;
        do
        {
            count = slot.WritesGuest
                ? Libc.Preadv(slot.Descriptor, slot.Vectors, slot.VectorCount, slot.FileOffset)
                : Libc.Pwritev(slot.Descriptor, slot.Vectors, slot.VectorCount, slot.FileOffset);
        }
        while (count < 0 && Marshal.GetLastPInvokeError() == Libc.Eintr);
        if (count == (nint)slot.Length)
            return BlockStatus.Okay;
        byte* buffer = (byte*)NativeMemory.AlignedAlloc((nuint)slot.Length, Alignment);
        try
        {
            return Carry(slot, slot.Queue.Image, new Span<byte>(buffer, (int)slot.Length));
        }
        finally
        {
            NativeMemory.AlignedFree(buffer);
        }
    }
}
