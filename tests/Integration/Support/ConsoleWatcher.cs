using System.Net.Sockets;
using System.Text;

namespace Hospes.Integration.Support;

/// <summary>Somebody attached to a guest's console socket: bytes both ways, history first.</summary>
internal sealed class ConsoleWatcher : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly StringBuilder _seen = new();

    public ConsoleWatcher(Appliance appliance, int domid) =>
        _socket.Connect(new UnixDomainSocketEndPoint(Path.Combine(appliance.Domains, $"{domid}", "console.sock")));

    public async Task TypeAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Reads until the text has come.</summary>
    public async Task SeesAsync(string text)
    {
        using CancellationTokenSource limit = new(Limit);
        byte[] buffer = new byte[4096];
        while (!_seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count;
            try
            {
                count = await _socket.ReceiveAsync(buffer, SocketFlags.None, limit.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"The console has not said '{text}' within {Limit}; it said: {_seen}");
            }

            if (count == 0)
                throw new InvalidOperationException($"The console was closed before it said '{text}'; it said: {_seen}");
            _seen.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    /// <summary>Reads until the text has come; answers what came before it since the last time.</summary>
    public async Task<string> UntilAsync(string text)
    {
        await SeesAsync(text);
        string seen = _seen.ToString();
        int end = seen.IndexOf(text, StringComparison.Ordinal);
        _seen.Remove(0, end + text.Length);
        return seen[..end].Replace("\r", "", StringComparison.Ordinal);
    }

    public void Dispose() => _socket.Dispose();
}
