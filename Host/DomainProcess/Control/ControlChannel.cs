using System.Buffers.Binary;
using System.Text.Json;
using Hospes.Host.Native;

namespace Hospes.Host.DomainProcess.Control;

/// <summary>One connection between a Host and a domain process. Messages are read on the channel's own thread and handed on in order.</summary>
internal sealed class ControlChannel : IDisposable
{
    /// <summary>Longer messages end the connection: the two never have that much to say.</summary>
    public const int MaximumMessage = 1 << 20;

    private readonly Lock _sending = new();
    private readonly DescriptorSocket _socket;
    private readonly Action<ControlMessage, IReadOnlyList<int>> _received;
    private readonly Action<Exception?> _closed;
    private readonly Thread _reader;

    /// <summary>Takes a connection; <see cref="Start"/> begins reading.</summary>
    /// <param name="socket">The connection, owned from now on.</param>
    /// <param name="received">Called with each message and the descriptors that came with it, which the callee closes.</param>
    /// <param name="closed">Called once, after the last message; the exception is null when the peer closed in order.</param>
    /// <param name="name">For the thread.</param>
    public ControlChannel(DescriptorSocket socket, Action<ControlMessage, IReadOnlyList<int>> received, Action<Exception?> closed, string name)
    {
        _socket = socket;
        _received = received;
        _closed = closed;
        _reader = new Thread(Read, 256 * 1024) { IsBackground = true, Name = name };
    }

    /// <summary>Begins to read.</summary>
    public void Start() => _reader.Start();

    /// <summary>Sends a message. The descriptors stay open here.</summary>
    /// <exception cref="IOException">The peer is gone or does not read.</exception>
    public void Send(ControlMessage message, params ReadOnlySpan<int> descriptors)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, ControlJson.Default.ControlMessage);
        byte[] framed = new byte[sizeof(uint) + body.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(framed, (uint)body.Length);
        body.CopyTo(framed, sizeof(uint));
        try
        {
            lock (_sending)
                _socket.Send(framed, descriptors);
        }
        catch (ObjectDisposedException closed)
        {
            throw new IOException("the connection to the other process is closed", closed);
        }
    }

    /// <summary>Ends the connection; the reader's last call follows.</summary>
    public void Dispose()
    {
        _socket.Shutdown();
        if ((_reader.ThreadState & ThreadState.Unstarted) != 0)
            _socket.Dispose();
    }

    private void Read()
    {
        Exception? failure = null;
        List<int> descriptors = [];
        try
        {
            byte[] prefix = new byte[sizeof(uint)];
            while (Fill(prefix, descriptors))
            {
                uint length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
                if (length is 0 or > MaximumMessage)
                    throw new IOException($"a message of {length} bytes was announced; at most {MaximumMessage} are allowed");
                byte[] body = new byte[length];
                if (!Fill(body, descriptors))
                    throw new IOException("the connection ended within a message");
                ControlMessage message = JsonSerializer.Deserialize(body, ControlJson.Default.ControlMessage)
                    ?? throw new IOException("an empty message came");
                int[] handedOver = [.. descriptors];
                descriptors.Clear();
                _received(message, handedOver);
            }
        }
        catch (Exception broken) when (broken is IOException or JsonException or NotSupportedException or ObjectDisposedException)
        {
            failure = broken;
        }
        finally
        {
            foreach (int descriptor in descriptors)
                Libc.Close(descriptor);
        }

        _socket.Dispose();
        _closed(failure);
    }

    private bool Fill(Span<byte> buffer, List<int> descriptors)
    {
        bool any = false;
        while (!buffer.IsEmpty)
        {
            int count = _socket.Receive(buffer, descriptors);
            if (count == 0)
                return any ? throw new IOException("the connection ended within a message") : false;
            any = true;
            buffer = buffer[count..];
        }

        return true;
    }
}
