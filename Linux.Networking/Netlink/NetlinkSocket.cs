using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Hospes.Linux.Networking.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Linux.Networking.Netlink;

/// <summary>
/// A conversation with the kernel about links, addresses, routes and neighbours of one network namespace: that in which the socket was made. One
/// request at a time; any thread.
/// </summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int FamilyNetlink = 16;
    private const int RawCloseOnExec = 3 | 0x80000;
    private const int NetlinkLevel = 270;
    private const int ExtendedAcknowledge = 11;
    private const int StrictChecks = 12;
    private const int SocketLevel = 1;
    private const int ReceiveTimeout = 20;
    private const int ErrorMessageAttribute = 1; // NLMSGERR_ATTR_MSG
    private const int AcknowledgeHasText = 0x200; // NLM_F_ACK_TLVS
    private const int AcknowledgeIsCapped = 0x100; // NLM_F_CAPPED

    private readonly Lock _lock = new();
    private readonly SafeFileHandle _socket;
    private readonly byte[] _buffer = new byte[64 * 1024];
    private uint _sequence;

    /// <summary>Opens one in the calling thread's namespace.</summary>
    /// <exception cref="NetworkException">The kernel has none to give.</exception>
    internal NetlinkSocket()
    {
        int socket = Libc.Socket(FamilyNetlink, RawCloseOnExec, 0);
        if (socket < 0)
            throw NetworkException.Last("cannot open a socket to the kernel's network configuration (rtnetlink)");
        _socket = new SafeFileHandle(socket, ownsHandle: true);
        int on = 1;
        _ = Libc.SetSocketOption(_socket, NetlinkLevel, ExtendedAcknowledge, &on, sizeof(int)); // older kernels explain less
        _ = Libc.SetSocketOption(_socket, NetlinkLevel, StrictChecks, &on, sizeof(int)); // and answer more than was asked for
        long* limit = stackalloc long[2] { 10, 0 };
        _ = Libc.SetSocketOption(_socket, SocketLevel, ReceiveTimeout, limit, 16);
    }

    /// <summary>Asks for something to be done.</summary>
    /// <exception cref="NetworkException">It was refused.</exception>
    internal void Do(NetlinkRequest request, string what) => Exchange(request, what, null);

    /// <summary>Asks for a list; each answer's body is shown in turn, together with its type.</summary>
    /// <exception cref="NetworkException">It was refused.</exception>
    internal void Dump(NetlinkRequest request, string what, NetlinkAnswer answer) => Exchange(request, what, answer);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private void Exchange(NetlinkRequest request, string what, NetlinkAnswer? answer)
    {
        lock (_lock)
        {
            uint sequence = ++_sequence;
            ReadOnlySpan<byte> message = request.Finish(sequence);
            nint sent;
            fixed (byte* data = message)
                sent = Libc.SendTo(_socket, data, (nuint)message.Length, 0, null, 0);
            if (sent < 0)
                throw NetworkException.Last(what);
            while (!Receive(sequence, what, answer))
            {
            }
        }
    }

    /// <summary>One datagram of the answer. True: it was the last.</summary>
    private bool Receive(uint sequence, string what, NetlinkAnswer? answer)
    {
        nint received;
        fixed (byte* data = _buffer)
            received = Libc.Receive(_socket, data, (nuint)_buffer.Length, 0);
        if (received < 0)
            return Marshal.GetLastPInvokeError() == 4 ? false : throw NetworkException.Last(what); // 4: EINTR
        ReadOnlySpan<byte> left = _buffer.AsSpan(0, (int)received);
        while (left.Length >= NetlinkRequest.HeaderSize)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(left);
            if (length < NetlinkRequest.HeaderSize || length > left.Length)
                break;
            MessageType type = (MessageType)BinaryPrimitives.ReadUInt16LittleEndian(left[4..]);
            int flags = BinaryPrimitives.ReadUInt16LittleEndian(left[6..]);
            bool isOurs = BinaryPrimitives.ReadUInt32LittleEndian(left[8..]) == sequence;
            ReadOnlySpan<byte> body = left[NetlinkRequest.HeaderSize..length];
            left = left[Math.Min(NetlinkRequest.Align(length), left.Length)..];
            if (!isOurs)
                continue; // the rest of an answer that somebody gave up on
            if (type == MessageType.Error)
            {
                int error = -BinaryPrimitives.ReadInt32LittleEndian(body);
                return error == 0 ? true : throw new NetworkException(what, error, Explanation(body, flags));
            }

            if (type == MessageType.Done)
                return true;
            answer?.Invoke(type, body);
        }

        return false;
    }

    // The error number, the header of the request (all of it unless capped), then attributes.
    private static string? Explanation(ReadOnlySpan<byte> body, int flags)
    {
        if ((flags & AcknowledgeHasText) == 0)
            return null;
        int request = (flags & AcknowledgeIsCapped) != 0 ? NetlinkRequest.HeaderSize : BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        return new AttributeReader(body[Math.Min(4 + NetlinkRequest.Align(request), body.Length)..]).FindText(ErrorMessageAttribute);
    }
}
