using System.Text;
using System.Text.Json;
using Hospes.Sxp;
using Hospes.Xm.Api.Servers;

namespace Hospes.Xm.Api;

/// <summary>xend's API, version 1. Example: <c>POST /v1/domains/demo/shutdown</c> with <c>{"reason":"reboot"}</c>.</summary>
internal sealed class XendClient(XendServer server)
{
    private readonly HttpExchange _http = new(server);

    public DomainInfo[] Domains() => JsonFields.Read<DomainInfo[]>(Get("/v1/domains"), root => [.. root.EnumerateArray().Select(DomainInfo.Read)]);

    /// <summary>Also managed domains that do not run.</summary>
    public DomainInfo[] AllDomains() =>
        JsonFields.Read<DomainInfo[]>(Get("/v1/domains?state=all"), root => [.. root.EnumerateArray().Select(DomainInfo.Read)]);

    public DomainInfo Domain(string reference) => JsonFields.Read(Get(PathOf(reference)), DomainInfo.Read);

    public string DomainForm(string reference) => Encoding.UTF8.GetString(Get(PathOf(reference) + "/sxp"));

    public string DomainForms() => Encoding.UTF8.GetString(Get("/v1/domains/sxp"));

    public VcpuInfo[] Vcpus(string reference) =>
        JsonFields.Read<VcpuInfo[]>(Get(PathOf(reference) + "/vcpus"), root => [.. root.EnumerateArray().Select(VcpuInfo.Read)]);

    /// <summary>The scheduler in charge.</summary>
    public string Scheduler() => JsonFields.Read(Get("/v1/host/scheduler"), root => root.Text("scheduler"));

    /// <summary>What a domain's parameters are under the scheduler in charge.</summary>
    public IReadOnlyDictionary<string, long> SchedulerParameters(string reference) => JsonFields.Read(
        Get(PathOf(reference) + "/scheduler"),
        root => root.GetProperty("parameters").EnumerateObject().ToDictionary(field => field.Name, field => field.Value.GetInt64()));

    public void SetSchedulerParameters(string reference, string scheduler, IReadOnlyDictionary<string, long> values) =>
        Post(reference, "scheduler", ("scheduler", scheduler), ("parameters", values));

    public string ConsoleSocket(string reference) => JsonFields.Read(Get(PathOf(reference) + "/console"), root => root.Text("socket"));

    public DeviceInfo[] Devices(string reference, string deviceClass) =>
        JsonFields.Read<DeviceInfo[]>(Get($"{PathOf(reference)}/devices/{deviceClass}"), root => [.. root.EnumerateArray().Select(DeviceInfo.Read)]);

    /// <summary>Asks for something that takes a form, such as a device.</summary>
    public void PostForm(string reference, string verb, SxpList form) =>
        Call("POST", $"{PathOf(reference)}/{verb}", "application/sxp", Encoding.UTF8.GetBytes(form.ToString()));

    /// <summary>Makes a domain, which is complete and paused when this returns.</summary>
    public DomainInfo Create(string form) =>
        JsonFields.Read(Call("POST", "/v1/domains", "application/sxp", Encoding.UTF8.GetBytes(form)), DomainInfo.Read);

    /// <summary>Makes a managed domain known.</summary>
    public DomainInfo New(string form) =>
        JsonFields.Read(Call("POST", "/v1/managed-domains", "application/sxp", Encoding.UTF8.GetBytes(form)), DomainInfo.Read);

    /// <summary>Starts a managed domain, which is complete and paused when this returns.</summary>
    public DomainInfo Start(string reference) => JsonFields.Read(Call("POST", PathOf(reference) + "/start", null, default), DomainInfo.Read);

    /// <summary>Asks for something to be done to a domain.</summary>
    public void Post(string reference, string verb, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        string path = $"{PathOf(reference)}/{verb}";
        if (fields.IsEmpty)
            Call("POST", path, null, default);
        else
            Call("POST", path, "application/json", Body(fields));
    }

    /// <summary>Asks for something that concerns the whole host.</summary>
    public void PostHost(string verb, params ReadOnlySpan<(string Name, object Value)> fields) =>
        Call("POST", "/v1/host/" + verb, fields.IsEmpty ? null : "application/json", fields.IsEmpty ? default : Body(fields));

    /// <summary>Asks for something by a path of its own.</summary>
    /// <returns>The answer.</returns>
    public byte[] PostTo(string path, params ReadOnlySpan<(string Name, object Value)> fields) =>
        Call("POST", path, fields.IsEmpty ? null : "application/json", fields.IsEmpty ? default : Body(fields));

    /// <summary>The same with a form.</summary>
    public byte[] PostFormTo(string path, string form) => Call("POST", path, "application/sxp", Encoding.UTF8.GetBytes(form));

    /// <summary>Reads an answer that goes on, line by line, until xend or somebody else ends it.</summary>
    public void Follow(string path, Action<string> line) => _http.Follow(path, line);

    /// <summary>A raw answer: text, or JSON that is passed on as it came.</summary>
    public byte[] Get(string path) => Call("GET", path, null, default);

    /// <summary>The address of a domain's resources. A name may hold characters that mean something in an address.</summary>
    public static string PathOf(string reference) => "/v1/domains/" + Uri.EscapeDataString(reference);

    public void Abort() => _http.Abort();

    private static byte[] Body(ReadOnlySpan<(string Name, object Value)> fields)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream))
        {
            writer.WriteStartObject();
            foreach ((string name, object value) in fields)
            {
                if (value is string text)
                    writer.WriteString(name, text);
                else if (value is IReadOnlyDictionary<string, long> numbers)
                    WriteNumbers(writer, name, numbers);
                else
                    writer.WriteNumber(name, Convert.ToInt64(value, null));
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, long> numbers)
    {
        writer.WriteStartObject(name);
        foreach ((string key, long number) in numbers)
            writer.WriteNumber(key, number);
        writer.WriteEndObject();
    }

    private byte[] Call(string method, string path, string? contentType, ReadOnlyMemory<byte> body)
    {
        HttpReply reply = _http.Send(method, path, contentType, body);
        if (reply.IsSuccess)
            return reply.Body;
        throw Fault(reply) ?? (Exception)new MalformedReplyException($"ProtocolError({reply.Status}, {reply.Reason}).");
    }

    /// <summary>Null if it was not xend that refused but its server: then the status line is all there is to tell.</summary>
    private static XendFaultException? Fault(HttpReply reply)
    {
        try
        {
            return JsonFields.Read(reply.Body, error => error.ValueKind == JsonValueKind.Object && error.Text("message") is { Length: > 0 } message
                ? new XendFaultException((int)error.Whole("code"), message)
                : null);
        }
        catch (MalformedReplyException)
        {
            return null;
        }
    }
}
