using System.Collections.Concurrent;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// One Host's connection, seen from the domain's process. What is to be sent goes through a queue and a thread of its own: a Host that does not
/// read costs the guest no time. A Host that is so far behind that the queue is full loses its connection.
/// </summary>
internal sealed class HostConnection : IDisposable
{
    private const int QueueLength = 4096;

    private readonly DomainRunner _runner;
    private readonly ControlChannel _channel;
    private readonly BlockingCollection<(ControlMessage Message, SafeFileHandle? Descriptor)> _queue = new(QueueLength);
    private readonly Action<ControlMessage, SafeFileHandle?> _send;
    private int _endRequest;

    public HostConnection(DescriptorSocket socket, DomainRunner runner)
    {
        _runner = runner;
        _send = Enqueue;
        _channel = new ControlChannel(socket, Received, Closed, "host");
        new Thread(SendAll, 256 * 1024) { IsBackground = true, Name = "host writer" }.Start();
        runner.Listen(_send);
        _channel.Start();
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();

    private void Enqueue(ControlMessage message, SafeFileHandle? descriptor)
    {
        try
        {
            if (!_queue.TryAdd((message, descriptor)))
                _channel.Dispose();
        }
        catch (InvalidOperationException)
        {
            // The connection has ended. What counts is told again to the next Host.
        }
    }

    private void SendAll()
    {
        bool isBroken = false;
        foreach ((ControlMessage message, SafeFileHandle? descriptor) in _queue.GetConsumingEnumerable())
        {
            try
            {
                if (isBroken)
                    continue;
                if (descriptor is null)
                    _channel.Send(message);
                else
                    _channel.Send(message, (int)descriptor.DangerousGetHandle());
            }
            catch (IOException)
            {
                isBroken = true;
                _channel.Dispose();
            }

            if (message is ControlMessage.Reply { Id: var id } && id == Volatile.Read(ref _endRequest))
                _runner.Ended.Set();
        }
    }

    private void Received(ControlMessage message, IReadOnlyList<int> descriptors)
    {
        SafeFileHandle[] handles = [.. descriptors.Select(static descriptor => new SafeFileHandle(descriptor, ownsHandle: true))];
        if (message is not ControlMessage.Request request)
        {
            Array.ForEach(handles, static handle => handle.Dispose());
            _runner.Hear(message);
            return;
        }

        _ = AnswerAsync(request, handles);
    }

    // Begins on the channel's thread, so requests begin in order; one that takes long is answered later.
    private async Task AnswerAsync(ControlMessage.Request request, SafeFileHandle[] handles)
    {
        ControlMessage.Reply reply;
        try
        {
            reply = await _runner.ServeAsync(request, handles);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Plugins may throw anything; what they could not do is told, and the domain runs on.
            reply = new ControlMessage.Reply(request.Id, failure.Message);
            Array.ForEach(handles, static handle => handle.Dispose());
            Console.Error.WriteLine($"request {request.GetType().Name}: {failure}");
        }

        // The process ends once the answer is on its way.
        if (request is ControlMessage.End)
            Volatile.Write(ref _endRequest, request.Id);
        Enqueue(reply, null);
    }

    private void Closed(Exception? failure)
    {
        _queue.CompleteAdding();
        _runner.Unlisten(_send);
    }
}
