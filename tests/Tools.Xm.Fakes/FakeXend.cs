using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Hospes.Xm.Fakes;

/// <summary>An HTTP server on a Unix socket that answers as the test says and remembers what it was asked.</summary>
internal sealed class FakeXend : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly ConcurrentDictionary<string, Func<string, FakeReply>> _answers = new(StringComparer.Ordinal);
    private readonly Thread _thread;

    public FakeXend(string socketPath)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(socketPath)!);
        _listener.Bind(new UnixDomainSocketEndPoint(socketPath));
        _listener.Listen();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Requests so far: method, path and, after a space, the body if there was one.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    public void Answer(string request, string json) => _answers[request] = _ => new FakeReply(200, json);

    public void Answer(string request, Func<string, FakeReply> answer) => _answers[request] = answer;

    public void Refuse(string request, int code, string message) =>
        _answers[request] = _ => new FakeReply(code == 3 ? 404 : 500, $"{{\"code\":{code},\"message\":\"{message}\"}}");

    /// <summary>Domain 0 and these, as a list and each by its name, id and uuid.</summary>
    public void HasDomains(params string[] domains)
    {
        Answer("GET /v1/domains", $"[{string.Join(',', domains)}]");
        foreach (string domain in domains)
        {
            using var parsed = System.Text.Json.JsonDocument.Parse(domain);
            foreach (string key in (string[])["name", "domid", "uuid"])
            {
                if (parsed.RootElement.TryGetProperty(key, out var value))
                    Answer($"GET /v1/domains/{Uri.EscapeDataString(value.ToString())}", domain);
            }
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                Socket client = _listener.Accept();
                new Thread(() => Handle(client)) { IsBackground = true }.Start();
            }
            catch (Exception ended) when (ended is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Handle(Socket client)
    {
        using NetworkStream stream = new(client, ownsSocket: true);
        string head = "";
        while (!head.EndsWith("\r\n\r\n", StringComparison.Ordinal))
            head += (char)stream.ReadByte();
        string length = head.Split("\r\n").FirstOrDefault(line => line.StartsWith("Content-Length: ", StringComparison.Ordinal)) ?? "Content-Length: 0";
        byte[] body = new byte[int.Parse(length["Content-Length: ".Length..])];
        stream.ReadExactly(body);
        string[] words = head.Split(' ');
        string request = $"{words[0]} {words[1]}";
        string text = Encoding.UTF8.GetString(body);
        Requests.Enqueue(text.Length == 0 ? request : $"{request} {text}");
        FakeReply reply = _answers.TryGetValue(request, out var answer) || _answers.TryGetValue(request.Split('?')[0], out answer)
            ? answer(text)
            : words[0] == "POST" ? new FakeReply(200, "{}") : new FakeReply(404, $"{{\"code\":3,\"message\":\"{Uri.UnescapeDataString(words[1].Split('/')[^1])}\"}}");
        try
        {
            stream.Write(reply.Bytes());
        }
        catch (IOException)
        {
            // The client gave up, as some tests have it.
        }
    }
}
