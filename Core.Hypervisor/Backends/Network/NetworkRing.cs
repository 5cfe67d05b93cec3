using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Grants;

namespace Hospes.Hypervisor.Backends.Network;

/// <summary>
/// A ring of requests and responses in a page of the guest, back-end's side (fact sheet "Guest ABI", section 12). Four free-running indices stand at its
/// start: req_prod, req_event, rsp_prod, rsp_event; the entries at 64. Our own indices are kept here: what the guest writes over in the page changes nothing.
/// </summary>
internal sealed unsafe class NetworkRing
{
    /// <summary>Entries of both of a network device's rings: those of 8 and of 12 bytes that fit a page, rounded down to a power of two.</summary>
    internal const int Size = 256;

    private const int Header = 64;

    private readonly byte* _page;
    private readonly int _entrySize;
    private uint _published;

    /// <param name="page">The shared page, which stays mapped as long as this is used.</param>
    /// <param name="entrySize">12 for the guest's transmissions, 8 for its receptions.</param>
    internal NetworkRing(GrantPage page, int entrySize)
    {
        _page = (byte*)page.Address;
        _entrySize = entrySize;

        // A front-end makes its ring empty; one that comes back after another back-end's end starts where that ended.
        Requests = Responses = _published = Volatile.Read(ref Unsafe.AsRef<uint>(_page + 8));
    }

    /// <summary>The next request to take.</summary>
    internal uint Requests { get; private set; }

    /// <summary>The next response to write. The first that is not published yet is at most <see cref="Size"/> before it.</summary>
    internal uint Responses { get; private set; }

    /// <summary>Requests that are waiting; less than 0: more than a ring holds, which no front-end announces.</summary>
    internal int Waiting
    {
        get
        {
            uint count = Volatile.Read(ref Unsafe.AsRef<uint>(_page)) - Requests;
            return count > Size - (Requests - Responses) ? -1 : (int)count;
        }
    }

    /// <summary>Responses that the guest has not been shown yet.</summary>
    internal uint Unpublished => Responses - _published;

    /// <summary>Whether there are any.</summary>
    internal bool HasUnpublished => Unpublished != 0;

    /// <summary>The next request as it is at this moment: for guesses, not for decisions.</summary>
    internal T Peek<T>()
        where T : unmanaged => Unsafe.ReadUnaligned<T>(Entry(Requests));

    /// <summary>A request, copied: the guest may go on writing to the original.</summary>
    internal T Take<T>()
        where T : unmanaged
    {
        T request = Unsafe.ReadUnaligned<T>(Entry(Requests));
        Requests++;
        return request;
    }

    /// <summary>Puts a response behind those before it.</summary>
    internal void Respond<T>(in T response)
        where T : unmanaged
    {
        Unsafe.WriteUnaligned(Entry(Responses), response);
        Responses++;
    }

    /// <summary>Shows the guest what has been responded. True: it wants to be notified.</summary>
    internal bool Publish()
    {
        uint before = _published;
        _published = Responses;
        Volatile.Write(ref Unsafe.AsRef<uint>(_page + 8), _published);
        Interlocked.MemoryBarrier(); // the guest sets its mark, then looks; we show, then look at its mark
        uint wanted = Volatile.Read(ref Unsafe.AsRef<uint>(_page + 12));
        return _published - wanted < _published - before;
    }

    /// <summary>Asks to be notified of further requests. True: there are some already.</summary>
    internal bool AskForMore(uint count = 1)
    {
        Volatile.Write(ref Unsafe.AsRef<uint>(_page + 4), Requests + count);
        Interlocked.MemoryBarrier();
        return (uint)Waiting >= count; // less than 0 counts as many: whoever looks next finds it
    }

    private byte* Entry(uint index) => _page + Header + (nint)(index % Size) * _entrySize;
}
