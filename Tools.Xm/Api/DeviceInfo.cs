using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What xend says about a domain's device.</summary>
internal sealed record DeviceInfo
{
    /// <summary>The number by which the guest knows it.</summary>
    public int Id { get; init; }

    public int BackendId { get; init; }

    public int Handle { get; init; }

    /// <summary>The front-end's state; 4 is connected.</summary>
    public int State { get; init; }

    public string BackendPath { get; init; } = "";

    /// <summary>The front-end's nodes in the store.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Front { get; init; } = [];

    /// <summary>A node that holds a number; -1 without it.</summary>
    public int Number(string node) =>
        int.TryParse(Front.FirstOrDefault(pair => pair.Key == node).Value, null, out int number) ? number : -1;

    /// <summary>A node's text; ?? without it.</summary>
    public string Text(string node) => Front.FirstOrDefault(pair => pair.Key == node).Value ?? "??";

    public static DeviceInfo Read(JsonElement device) => new()
    {
        Id = (int)device.Whole("id"),
        BackendId = (int)device.Whole("backendId"),
        Handle = (int)device.Whole("handle"),
        State = (int)device.Whole("state"),
        BackendPath = device.Text("backendPath") is { Length: > 0 } path ? path : "??",
        Front = device.TryGetProperty("front", out JsonElement front)
            ? [.. front.EnumerateObject().Select(node => new KeyValuePair<string, string>(node.Name, node.Value.GetString() ?? ""))]
            : [],
    };
}
