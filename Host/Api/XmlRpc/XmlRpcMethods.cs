using System.Globalization;
using Hospes.Host.Api.Legacy;
using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Sxp;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>The methods (fact sheet "xend", section 3.1). Those that need what this version cannot do refuse with its reason.</summary>
internal sealed class XmlRpcMethods
{
    private readonly Dictionary<string, Func<XmlRpcArguments, CancellationToken, Task<object?>>> _methods = new(StringComparer.Ordinal);
    private readonly LegacyOperations _legacy;
    private readonly DomainChanges _changes;
    private readonly DomainListing _listing;
    private readonly DeviceManager _devices;
    private readonly DomainTable _table;

    public XmlRpcMethods(LegacyOperations legacy, DomainChanges changes, DomainListing listing, DeviceManager devices, DomainTable table)
    {
        (_legacy, _changes, _listing, _devices, _table) = (legacy, changes, listing, devices, table);
        AddLookers();
        AddVerbs();
        AddDevices();
        AddNode();
        AddSystem();
    }

    /// <summary>Calls a method.</summary>
    /// <exception cref="XendException">There is none of that name, or it refuses.</exception>
    public Task<object?> CallAsync(XmlRpcCall call, CancellationToken cancellation) => _methods.TryGetValue(call.Method, out var method)
        ? method(new XmlRpcArguments(call.Method, call.Arguments), cancellation)
        : throw new XendException(XendError.Internal, $"method \"{call.Method}\" is not supported");

    private void AddLookers()
    {
        Add("xend.domain", (arguments, _) => SxpValues.From(_legacy.Form(arguments.Text(0))));
        Add("xend.domains", (arguments, _) => List(_legacy.Forms("running", arguments.Flag(1)), arguments.Flag(0, missing: true)));
        Add("xend.domains_with_state", (arguments, _) => List(_legacy.Forms(arguments.Optional(1) ?? "all", arguments.Flag(2)), arguments.Flag(0, missing: true)));
        Add("xend.domain.getRestartCount", (arguments, _) => (long)_listing.Find(arguments.Text(0)).RestartCount);
        Add("xend.domain.getVCPUInfo", (arguments, _) => SxpValues.From(_legacy.Vcpus(arguments.Text(0))));
    }

    private void AddVerbs()
    {
        Add("xend.domain.create", async (arguments, cancellation) => SxpValues.From(await _legacy.CreateAsync(arguments.Form(0).ToString(), cancellation)));
        Add("xend.domain.new", (arguments, _) => SxpValues.From(_legacy.New(arguments.Form(0).ToString())));
        Do("xend.domain.start", (arguments, cancellation) => _legacy.StartAsync(arguments.Text(0), arguments.Flag(1), cancellation));
        Do("xend.domain.delete", arguments => _legacy.Delete(arguments.Text(0)));
        Do("xend.domain.setName", (arguments, cancellation) => _legacy.RenameAsync(arguments.Text(0), arguments.Text(1), cancellation));
        Add("xend.domain.dump", async (arguments, cancellation) =>
            await _legacy.DumpAsync(arguments.Text(0), arguments.Optional(1), arguments.Flag(2), arguments.Flag(3), cancellation));
        Add("xend.domain.sched_credit_get", (arguments, _) => _legacy.SchedulerOf(arguments.Text(0), "credit"));
        Add("xend.domain.cpu_sedf_get", (arguments, _) => _legacy.SchedulerOf(arguments.Text(0), "sedf"));
        foreach (DomainChange change in _changes.All)
        {
            Do($"xend.domain.{change.Method}", (arguments, cancellation) =>
                _changes.RunAsync(change, arguments.Text(0), new NamedArguments(arguments, change.Arguments), cancellation));
        }

        foreach (string method in (string[])["configure", "suspend", "resume", "save", "restore", "migrate", "shadow_control", "shadow_mem_get", "shadow_mem_set", "ioport_range_enable", "ioport_range_disable"])
            Add($"xend.domain.{method}", (_, _) => throw LegacyOperations.NotThere(method));
    }

    private void AddDevices()
    {
        Add("xend.domain.getDeviceSxprs", (arguments, _) => DomainTable.IsDomain0(arguments.Text(0))
            ? Array.Empty<object>()
            : _table.Find(arguments.Text(0)).Devices.Where(device => device.Configuration.BackendClass == arguments.Text(1) || device.Address.Class == arguments.Text(1))
                .Select(device => new object[] { (long)device.Address.Id, Nodes(device) }).ToArray());
        Add("xend.domain.getBlockDeviceClass", (arguments, _) =>
            _table.Find(arguments.Text(0)).Devices.FirstOrDefault(device => device.Address.Class == "vbd"
                && (device.Address.Id.ToString(CultureInfo.InvariantCulture) == arguments.Text(1) || device.Configuration.Name == arguments.Text(1)))?.Configuration.BackendClass);
    }

    private void AddNode()
    {
        Add("xend.node.info", (_, _) => _legacy.Node().Select(static fact => new object[] { fact.Key, long.TryParse(fact.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : fact.Value }).ToArray());
        Add("xend.node.log", (_, _) => _legacy.Log());
        Add("xend.node.dmesg.info", (_, _) => _legacy.Messages());
        Do("xend.node.dmesg.clear", _ => _legacy.ClearMessages());
        Do("xend.node.send_debug_keys", arguments => _legacy.DebugKeys(arguments.Text(0)));
    }

    private void AddSystem()
    {
        Add("system.listMethods", (_, _) => _methods.Keys.Order(StringComparer.Ordinal).ToArray());
        Add("system.methodHelp", (arguments, _) => _methods.ContainsKey(arguments.Text(0)) ? "" : throw XendException.Generic($"There is no method {arguments.Text(0)}"));
        Add("system.methodSignature", (_, _) => "signatures not supported");
    }

    private object[] Nodes(Device device) => [.. _devices.Nodes(device).Front.Select(static node => new object[] { node.Key, node.Value })];

    private static object List(IEnumerable<SxpList> forms, bool isDetailed) => isDetailed
        ? forms.Select(SxpValues.From).ToArray()
        : forms.Select(static form => (object)form.ValueText("name")!).ToArray();

    private void Add(string name, Func<XmlRpcArguments, CancellationToken, object?> method) =>
        _methods[name] = (arguments, cancellation) => Task.FromResult(method(arguments, cancellation));

    private void Do(string name, Action<XmlRpcArguments> method) => _methods[name] = (arguments, _) =>
    {
        method(arguments);
        return Task.FromResult<object?>(null);
    };

    private void Add(string name, Func<XmlRpcArguments, CancellationToken, Task<object?>> method) => _methods[name] = method;

    private void Do(string name, Func<XmlRpcArguments, CancellationToken, Task> method) => _methods[name] = async (arguments, cancellation) =>
    {
        await method(arguments, cancellation);
        return null;
    };
}
