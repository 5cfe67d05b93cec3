using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Hospes.Host.Native;

/// <summary>
/// A connected Unix stream socket that carries file descriptors beside its bytes (SCM_RIGHTS, unix(7)). Blocking: one thread reads, any one at a
/// time writes. A peer that stops reading for <see cref="SendTimeout"/> counts as gone.
/// </summary>
internal sealed unsafe class DescriptorSocket : IDisposable
{
    /// <summary>How long a write may wait for a peer that does not read.</summary>
    public static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(10);

    private const int MaximumDescriptors = 16;
    private const int ControlHeader = 16; // struct cmsghdr: size_t cmsg_len, int cmsg_level, int cmsg_type

    private readonly Socket _socket;

    public DescriptorSocket(Socket connected)
    {
        connected.Blocking = true;
        connected.SendTimeout = (int)SendTimeout.TotalMilliseconds;
        _socket = connected;
    }

    /// <summary>Sends all of the bytes; the descriptors travel with the first of them and stay open here.</summary>
    /// <exception cref="IOException">The peer is gone.</exception>
    public void Send(ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors = default)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MaximumDescriptors);
        int controlBytes = ControlHeader + descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[ControlHeader + MaximumDescriptors * sizeof(int)];
        *(nuint*)control = (nuint)controlBytes;
        *(int*)(control + 8) = Libc.SocketLevel;
        *(int*)(control + 12) = Libc.ControlRights;
        descriptors.CopyTo(new Span<int>(control + ControlHeader, MaximumDescriptors));
        bool first = !descriptors.IsEmpty;
        while (!bytes.IsEmpty)
        {
            nint sent;
            // The span is pinned for the call and the kernel copies from it; the control block lives on this frame.
            fixed (byte* data = bytes)
            {
                IoVector vector = new() { Base = data, Length = (nuint)bytes.Length };
                MessageHeader message = new() { Vectors = &vector, VectorCount = 1 };
                if (first)
                {
                    message.Control = control;
                    message.ControlLength = (nuint)((controlBytes + 7) & ~7);
                }

                sent = Libc.Sendmsg(_socket.SafeHandle, &message, Libc.MessageNoSignal);
            }

            if (sent < 0)
            {
                if (Marshal.GetLastPInvokeError() == Libc.Eintr)
                    continue;
                throw Libc.Failure("cannot send to the other process");
            }

            first = false;
            bytes = bytes[(int)sent..];
        }
    }

    /// <summary>Waits for bytes; 0 means that the peer has closed. Descriptors that came along are appended to the list and belong to the caller.</summary>
    /// <exception cref="IOException">The connection broke.</exception>
    public int Receive(Span<byte> into, List<int> descriptors)
    {
        byte* control = stackalloc byte[ControlHeader + MaximumDescriptors * sizeof(int)];
        while (true)
        {
            MessageHeader message;
            nint received;
            fixed (byte* data = into)
            {
                IoVector vector = new() { Base = data, Length = (nuint)into.Length };
                message = new MessageHeader
                {
                    Vectors = &vector,
                    VectorCount = 1,
                    Control = control,
                    ControlLength = ControlHeader + MaximumDescriptors * sizeof(int),
                };
                received = Libc.Recvmsg(_socket.SafeHandle, &message, Libc.MessageCloseOnExec);
            }

            if (received < 0)
            {
                if (Marshal.GetLastPInvokeError() == Libc.Eintr)
                    continue;
                throw Libc.Failure("cannot receive from the other process");
            }

            Collect(control, message.ControlLength, descriptors);
            if ((message.Flags & Libc.MessageTruncatedControl) != 0)
                throw new IOException($"the other process sent more than {MaximumDescriptors} descriptors at once");
            return (int)received;
        }
    }

    /// <summary>Ends both directions; a thread in <see cref="Receive"/> returns.</summary>
    public void Shutdown()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // Not connected any more: what was wanted is already so.
        }
        catch (ObjectDisposedException)
        {
            // Likewise.
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static void Collect(byte* control, nuint length, List<int> descriptors)
    {
        if (length < ControlHeader || *(int*)(control + 8) != Libc.SocketLevel || *(int*)(control + 12) != Libc.ControlRights)
            return;
        nuint bytes = Math.Min(*(nuint*)control, length);
        for (nuint at = ControlHeader; at + sizeof(int) <= bytes; at += sizeof(int))
            descriptors.Add(Unsafe.ReadUnaligned<int>(control + at));
    }
}
