using System.Globalization;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>A front-end's directory in the store as it was at one moment. The guest wrote it: nothing in it is to be believed unchecked.</summary>
/// <param name="nodes">Values by path relative to the directory: <c>ring-ref</c>, <c>queue-0/event-channel</c>.</param>
public sealed class FrontendNodes(IReadOnlyDictionary<string, string> nodes)
{
    /// <summary>The front-end's state; anything that is not a state counts as <see cref="XenbusState.Unknown"/>.</summary>
    public XenbusState State => Number("state") is { } value and <= (uint)XenbusState.Closed ? (XenbusState)value : XenbusState.Unknown;

    /// <summary>A node's value, or null.</summary>
    public string? Text(string path) => nodes.GetValueOrDefault(path);

    /// <summary>A decimal number without sign, or null when the node is missing or holds something else.</summary>
    public uint? Number(string path) =>
        uint.TryParse(nodes.GetValueOrDefault(path), NumberStyles.None, CultureInfo.InvariantCulture, out uint value) ? value : null;

    /// <summary>True when the node holds 1.</summary>
    public bool Flag(string path) => Number(path) == 1;

    /// <summary>A grant reference that must be there.</summary>
    public GrantReference Grant(string path) => new(Required(path));

    /// <summary>An event channel port that must be there.</summary>
    public EventPort Port(string path) => new(Required(path));

    private uint Required(string path) =>
        Number(path) ?? throw new DeviceProtocolException($"the front-end's node {path} holds '{Text(path) ?? "nothing"}', where a number is needed");
}
