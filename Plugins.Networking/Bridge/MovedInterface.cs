using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Networking.Common;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Bridge;

/// <summary>
/// A physical interface that is a port of a bridge: its addresses and routes are the bridge's meanwhile. What they were is on file from before the first
/// change until after the last, so that a move that was cut short is finished or undone by whoever comes next.
/// </summary>
internal sealed partial class MovedInterface
{
    private readonly KernelNetwork _network;
    private readonly string _bridge;
    private readonly string _path;

    internal MovedInterface(KernelNetwork network, NetworkRequest request, string bridge)
    {
        _network = network;
        _bridge = bridge;
        _path = Path.Combine(request.StateDirectory, $"moved-to-{bridge}.json");
    }

    /// <summary>The interface that is moved at present, or null.</summary>
    internal string? Current => Load()?.Interface;

    /// <summary>Makes an interface a port of the bridge and gives its addresses and routes to that.</summary>
    internal void Move(string name)
    {
        Moved? before = Load();
        if (before is not null && before.Interface != name)
            throw new IOException($"cannot move {name} onto {_bridge}: {before.Interface} has been moved there before; stop the network first");
        Link link = _network.Links.Get(name);
        string[] addresses = [.. Addresses(name)];
        before ??= new Moved(name, addresses, [.. Routes(link.Index, addresses)]);
        File.WriteAllBytes(_path, JsonSerializer.SerializeToUtf8Bytes(before, MovedJson.Default.Moved));
        try
        {
            if (link.Mac is { } mac)
                _network.Links.SetMac(_bridge, mac); // whoever knows the machine by this address goes on knowing it
            foreach (string address in before.Addresses)
                _network.Addresses.Delete(name, InterfaceAddress.Parse(address));
            _network.Links.SetMaster(name, _bridge);
            _network.Links.SetUp(name);
            _network.Links.SetUp(_bridge);
            Give(_bridge, before);
        }
        catch
        {
            Rollback.Run(Restore);
            throw;
        }
    }

    /// <summary>Puts everything back where it was, if anything was moved.</summary>
    internal void Restore()
    {
        if (Load() is not { } before)
            return;
        if (_network.Links.Find(_bridge) is not null)
        {
            foreach (string address in before.Addresses)
                _network.Addresses.Delete(_bridge, InterfaceAddress.Parse(address));
        }

        if (_network.Links.Find(before.Interface) is not null)
        {
            _network.Links.SetMaster(before.Interface, null);
            _network.Links.SetUp(before.Interface);
            Give(before.Interface, before);
        }

        File.Delete(_path);
    }

    private void Give(string to, Moved what)
    {
        foreach (string address in what.Addresses)
            _network.Addresses.Add(to, InterfaceAddress.Parse(address));
        foreach (MovedRoute route in what.Routes)
        {
            IPNetwork? destination = route.Destination is null ? null : IPNetwork.Parse(route.Destination);
            _network.Routes.Set(destination, to, route.Gateway is null ? null : IPAddress.Parse(route.Gateway));
        }
    }

    // Link-local addresses are each interface's own.
    private IEnumerable<string> Addresses(string name) => _network.Addresses.Of(name)
        .Where(static address => !address.Address.IsIPv6LinkLocal).Select(static address => address.ToString());

    // Routes through a gateway last: they need the others. A network's own route comes with the address.
    private IEnumerable<MovedRoute> Routes(int index, string[] addresses) => _network.Routes.List()
        .Where(route => route.Link == index && route.Destination?.BaseAddress.IsIPv6LinkLocal != true && route.Destination?.BaseAddress.IsIPv6Multicast != true)
        .Where(route => route.Gateway is not null || !Array.Exists(addresses, address => InterfaceAddress.Parse(address).Network == route.Destination))
        .OrderBy(static route => route.Gateway is not null)
        .Select(static route => new MovedRoute(route.Destination?.ToString(), route.Gateway?.ToString()));

    private Moved? Load()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), MovedJson.Default.Moved) : null;
        }
        catch (JsonException)
        {
            return null; // cut short while it was written, before anything was moved
        }
    }

    /// <summary>What is on file.</summary>
    internal sealed record Moved(string Interface, string[] Addresses, MovedRoute[] Routes);

    /// <summary>A route, as text.</summary>
    internal sealed record MovedRoute(string? Destination, string? Gateway);

    [JsonSerializable(typeof(Moved))]
    private sealed partial class MovedJson : JsonSerializerContext;
}
