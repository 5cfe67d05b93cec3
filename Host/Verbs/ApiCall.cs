using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Hospes.Host.Api;

namespace Hospes.Host.Verbs;

/// <summary>A request to the daemon of a root, over its own API.</summary>
internal static class ApiCall
{
    /// <summary>Asks, and waits for the answer.</summary>
    /// <param name="paths">Whose daemon.</param>
    /// <param name="path">What of it, without the leading slash.</param>
    /// <param name="body">JSON to post; null: only read.</param>
    /// <param name="patience">How long to wait.</param>
    /// <exception cref="XendException">It cannot be reached, or refused; the message is its own.</exception>
    public static async Task<string> SendAsync(HostPaths paths, string path, string? body, TimeSpan patience)
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectCallback = async (_, cancellation) =>
            {
                Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(paths.ApiSocket), cancellation);
                return new NetworkStream(socket, ownsSocket: true);
            },
        };
        using HttpClient client = new(handler) { BaseAddress = new Uri("http://xend/"), Timeout = patience };
        using HttpRequestMessage request = new(body is null ? HttpMethod.Get : HttpMethod.Post, path);
        if (body is not null)
            request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        try
        {
            using HttpResponseMessage answer = await client.SendAsync(request);
            string text = await answer.Content.ReadAsStringAsync();
            return answer.IsSuccessStatusCode ? text : throw Fault(text);
        }
        catch (HttpRequestException failure)
        {
            throw XendException.Generic($"Unable to connect to xend: {failure.Message}. Is xend running?", failure);
        }
    }

    private static XendException Fault(string text)
    {
        try
        {
            return JsonSerializer.Deserialize(text, ApiJson.Default.Fault) is { Message: { } message } fault
                ? new XendException((XendError)fault.Code, message)
                : XendException.Generic(text);
        }
        catch (JsonException)
        {
            return XendException.Generic(text);
        }
    }
}
