using Hospes.Linux.Networking;
using Hospes.Sdk.Networking;

namespace Hospes.TestKit.Networking;

/// <summary>A guest of a test: Linux's own network stack in a namespace, with an <c>eth0</c> whose other end is its host's <c>vifN.0</c>.</summary>
public sealed class TestGuest : IDisposable
{
    internal TestGuest(TestHost host, int domain)
    {
        Domain = domain;
        Vif = $"vif{domain}.0";
        Mac = new MacAddress(0x0016_3e00_0000 + (ulong)domain);
        Namespace = TestHost.CreateNamespace();
        Network = new KernelNetwork(Namespace);
        host.Network.Links.AddPair(Vif, "eth0", Namespace);
        host.Network.Links.SetMac(Vif, new MacAddress(0xfeff_ffff_ffff));
        Network.Links.SetMac("eth0", Mac);
        Network.Links.SetUp("lo");
        Network.Links.SetUp("eth0");
    }

    /// <summary>Its number.</summary>
    public int Domain { get; }

    /// <summary>Its interface's name on its host.</summary>
    public string Vif { get; }

    /// <summary>Its address on the wire.</summary>
    public MacAddress Mac { get; }

    /// <summary>Its namespace.</summary>
    public NetworkNamespace Namespace { get; }

    /// <summary>Its configuration.</summary>
    public KernelNetwork Network { get; }

    /// <summary>Gives it an address.</summary>
    public TestGuest With(string address)
    {
        Network.Addresses.Add("eth0", InterfaceAddress.Parse(address));
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Network.Dispose();
        Namespace.Dispose();
    }
}
