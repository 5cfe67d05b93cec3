using System.Runtime.CompilerServices;
using Hospes.Hypervisor.Domains;

namespace Hospes.Hypervisor.Backends;

/// <summary>
/// The page of a guest's store ring (fact sheet "Guest ABI", section 10): req[1024] @0 from the guest, rsp[1024] @1024 to it, u32 req_cons @2048,
/// req_prod @2052, rsp_cons @2056, rsp_prod @2060, features @2064, connection @2068, error @2072.
/// </summary>
/// <remarks>
/// A guest that writes garbage is cut off from its store and told so in the error field. After <see cref="Close"/> the page is not touched again, so
/// its memory may go.
/// </remarks>
internal sealed unsafe class XenstorePage
{
    private const int RingSize = 1024;
    private const int ErrorOffset = 2072;
    private const uint ErrorRingIndex = 2;
    private const uint ErrorProtocol = 3;

    private readonly Lock _lock = new();
    private readonly RingPage _requests;
    private readonly RingPage _responses;
    private readonly byte* _address;
    private readonly GuestLog _log;
    private readonly byte[] _request = new byte[XenstoreMessage.HeaderSize + XenstoreMessage.LargestPayload];
    private int _length;
    private bool _isClosed;
    private bool _isBroken;

    /// <param name="address">The page in the domain's memory file.</param>
    /// <param name="log">For what a guest does wrong.</param>
    internal XenstorePage(byte* address, GuestLog log)
    {
        _address = address;
        _requests = new RingPage(address, 0, RingSize, 2048, 2052);
        _responses = new RingPage(address, RingSize, RingSize, 2056, 2060);
        _log = log;
    }

    /// <summary>Touches the page no more. False: it was closed before.</summary>
    internal bool Close()
    {
        lock (_lock)
        {
            bool first = !_isClosed;
            _isClosed = true;
            return first;
        }
    }

    /// <summary>Puts as much of a message into the ring as there is room for; answers how much. One caller at a time.</summary>
    internal int Put(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            if (_isClosed)
                return 0;

            // To a guest that is cut off, answers are as good as delivered: nobody may wait for it.
            if (_isBroken)
                return bytes.Length;
            int count = _responses.Put(bytes);
            if (count >= 0)
                return count;
            Break(ErrorRingIndex, "impossible response indices");
            return bytes.Length;
        }
    }

    /// <summary>
    /// Takes from the ring until a request is complete. The bytes stay valid until the next call. Empty: not complete yet, or the guest is cut off.
    /// </summary>
    /// <param name="moved">The guest has room again and is to be notified.</param>
    internal ReadOnlyMemory<byte> TakeRequest(out bool moved)
    {
        moved = false;
        lock (_lock)
        {
            while (!_isClosed && !_isBroken)
            {
                int wanted = Wanted();
                if (wanted < 0)
                {
                    Break(ErrorProtocol, "a request longer than 4096 bytes");
                    break;
                }

                int count = _requests.Take(_request.AsSpan(_length, wanted - _length));
                if (count < 0)
                    Break(ErrorRingIndex, "impossible request indices");
                if (count <= 0)
                    break;
                moved = true;
                _length += count;
                if (_length < XenstoreMessage.HeaderSize || _length != Wanted())
                    continue;
                int complete = _length;
                _length = 0;
                return _request.AsMemory(0, complete);
            }
        }

        return default;
    }

    /// <summary>Bytes of the request being collected, as far as is known; -1: more than a request may have.</summary>
    private int Wanted()
    {
        if (_length < XenstoreMessage.HeaderSize)
            return XenstoreMessage.HeaderSize;
        uint payload = XenstoreMessage.Read(_request).Length;
        return payload > XenstoreMessage.LargestPayload ? -1 : XenstoreMessage.HeaderSize + (int)payload;
    }

    private void Break(uint error, string what)
    {
        _isBroken = true;
        Volatile.Write(ref Unsafe.AsRef<uint>(_address + ErrorOffset), error);
        _log.Say($"the guest's store ring has {what}; it is cut off from the store");
    }
}
