using System.Globalization;
using Hospes.Host.DomainProcess.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Networks;
using Hospes.Host.Security;
using Hospes.Linux.Networking;
using Hospes.Linux.Networking.Links;
using Hospes.Linux.Networking.Taps;
using Hospes.Sdk.Networking;
using Hospes.Sxp;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Devices.Network;

/// <summary>
/// Network interfaces: makes a tap for each, has a script connect it, and hands its other end to the domain's process. The tap lives as long as that
/// process has it, so a guest that ends, however it ends, leaves none.
/// </summary>
internal sealed class VifClass(NetworkService network, ScriptRunner scripts, NetworkConfiguration configuration, NetworkIdentity identity, VifClaims claims, NetworkLabels labels)
    : IDeviceClass
{
    private const string Vif = "vif";
    private const int MostQueues = 4;

    // dom0's ends all have it: the highest unicast address, so that no bridge takes it for its own (fact sheet "xend", section 6).
    private static readonly MacAddress Domain0End = new(0xfeff_ffff_ffff);

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Forms { get; } = [Vif];

    /// <inheritdoc/>
    public DeviceConfiguration Read(SxpList form)
    {
        SxpList whole = VifSpecification.Complete(form);
        VifSpecification.Read(whole);
        return new DeviceConfiguration { Class = Vif, BackendClass = Vif, Id = null, Name = "", Form = whole };
    }

    /// <inheritdoc/>
    public void Compare(DeviceConfiguration one, DeviceConfiguration other)
    {
        VifSpecification vif = VifSpecification.Read(one.Form);
        if (vif.Mac == VifSpecification.Read(other.Form).Mac)
            throw XendException.Generic($"The mac \"{vif.Mac}\" is already defined");
    }

    /// <inheritdoc/>
    public async Task<DevicePlan> PrepareAsync(ManagedDomain domain, DeviceConfiguration wanted, CancellationToken cancellation)
    {
        VifSpecification vif = VifSpecification.Read(wanted.Form);
        ScriptLine script = vif.Script ?? configuration.VifScript;
        scripts.RequireVifScript(script);
        string name = NameOf(domain, wanted, vif);
        await network.RequireAsync(cancellation);
        IDisposable claim = claims.Claim(name, domain.Name, vif);
        try
        {
            TapDevice tap = await Task.Run(() => MakeTap(name, domain), cancellation);
            return Plan(domain, wanted, vif, script, tap.Name, tap.Queues, claim);
        }
        catch
        {
            claim.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public DevicePlan Recall(ManagedDomain domain, DeviceConfiguration wanted, IReadOnlyDictionary<string, string> state)
    {
        VifSpecification vif = VifSpecification.Read(wanted.Form);
        string name = NameOf(domain, wanted, vif);
        labels.Recall(name, domain, SecurityForm.VifLabel(wanted.Form));
        return Plan(domain, wanted, vif, vif.Script ?? configuration.VifScript, name, [], claims.Reclaim(name, domain.Name, vif));
    }

    /// <inheritdoc/>
    public Task<DevicePlan?> ReconfigureAsync(ManagedDomain domain, Device device, DeviceConfiguration wanted, CancellationToken cancellation) =>
        Task.FromResult<DevicePlan?>(null);

    private static string NameOf(ManagedDomain domain, DeviceConfiguration wanted, VifSpecification vif) =>
        vif.Name ?? string.Create(CultureInfo.InvariantCulture, $"vif{domain.Id}.{wanted.Id}");

    private TapDevice MakeTap(string name, ManagedDomain domain)
    {
        using KernelNetwork kernel = new();
        if (kernel.Links.Find(name) is { } there)
            throw new IOException($"an interface {name} is there already{(there.Alias is { } alias ? $" ({alias})" : "")}");
        TapDevice tap = TapDevice.Create(name, Math.Min(domain.Configuration.Vcpus, MostQueues));
        try
        {
            kernel.Links.SetMac(name, Domain0End);
            kernel.Links.SetAlias(name, $"hospes:{identity.Owner}:{domain.Name}");
            return tap;
        }
        catch
        {
            tap.Dispose();
            throw;
        }
    }

    private DevicePlan Plan(
        ManagedDomain domain, DeviceConfiguration wanted, VifSpecification vif, ScriptLine script, string tap, IReadOnlyList<SafeFileHandle> queues, IDisposable claim)
    {
        string handle = wanted.Id!.Value.ToString(CultureInfo.InvariantCulture);
        string backPath = $"/local/domain/0/backend/{Vif}/{domain.Id}/{handle}";
        Dictionary<string, string> settings = new NetworkFactorySettings { Rate = vif.Rate }.Write();
        VifRequest request = Request(domain, wanted, vif, script, tap);
        return new DevicePlan
        {
            Front = new Dictionary<string, string>(StringComparer.Ordinal) { ["handle"] = handle, ["mac"] = vif.Mac.ToString() },
            Back = BackNodes(wanted, vif, script, tap, handle),
            Settings = settings,
            Descriptors = queues,
            Connect = async cancellation =>
            {
                await network.RequireAsync(cancellation); // after a restart of xend nobody has asked yet
                await Task.Run(() => labels.Guard(tap, domain, SecurityForm.VifLabel(wanted.Form)), cancellation);
                VifPlacement placement = await scripts.OnlineAsync(script, request, backPath, cancellation);
                using KernelNetwork kernel = new();
                int mtu = kernel.Links.Get(tap).Mtu;
                settings[NetworkFactorySettings.MtuKey] = mtu.ToString(CultureInfo.InvariantCulture);
                return Placed(placement);
            },
            Release = async () =>
            {
                claim.Dispose();
                try
                {
                    await scripts.OfflineAsync(script, request, backPath);
                }
                finally
                {
                    labels.Release(tap);
                }
            },
        };
    }

    private static Dictionary<string, string> Placed(VifPlacement placement)
    {
        Dictionary<string, string> nodes = new(StringComparer.Ordinal);
        if (placement.Bridge is { } bridge)
            nodes["bridge"] = bridge;
        if (placement.Addresses.Count != 0)
            nodes["ip"] = string.Join(' ', placement.Addresses);
        return nodes;
    }

    private Dictionary<string, string> BackNodes(DeviceConfiguration wanted, VifSpecification vif, ScriptLine script, string name, string handle)
    {
        Dictionary<string, string> back = new(StringComparer.Ordinal)
        {
            ["script"] = scripts.PathOf(script),
            ["mac"] = vif.Mac.ToString(),
            ["handle"] = handle,
            ["vifname"] = name,
            ["uuid"] = wanted.Value("uuid")!,
            ["type"] = wanted.Value("type") ?? "netfront",
        };
        if (wanted.Value("rate") is { Length: > 0 })
            back["rate"] = vif.Rate.ToString();
        foreach (string key in (string[])["bridge", "ip", "model", "accel", "security_label"])
        {
            if (wanted.Value(key) is { Length: > 0 } value)
                back[key] = value;
        }

        return back;
    }

    // The network script's words first, then the vif script's own: the nearer ones count.
    private VifRequest Request(ManagedDomain domain, DeviceConfiguration wanted, VifSpecification vif, ScriptLine script, string name)
    {
        Dictionary<string, string> arguments = new(network.Arguments, StringComparer.Ordinal);
        foreach ((string key, string value) in script.Arguments)
            arguments[key] = value;
        return new VifRequest
        {
            Network = new NetworkRequest { Owner = identity.Owner, StateDirectory = identity.StateDirectory, Arguments = arguments },
            Interface = name,
            Domain = domain.Id,
            DomainName = domain.Name,
            Handle = wanted.Id!.Value,
            Mac = vif.Mac,
            Bridge = vif.Bridge,
            Addresses = vif.Addresses,
        };
    }
}
