using System.Globalization;
using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Managed;
using Hospes.Sxp;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>The methods (fact sheet "xend", section 3.1). Those that need what this version cannot do refuse with its reason.</summary>
internal sealed class XmlRpcMethods
{
    private readonly Dictionary<string, Func<XmlRpcArguments, CancellationToken, Task<object?>>> _methods = new(StringComparer.Ordinal);
    private readonly LegacyOperations _legacy;
    private readonly DomainOperations _domains;
    private readonly ManagedOperations _managed;
    private readonly DomainShares _shares;
    private readonly DomainListing _listing;
    private readonly DeviceManager _devices;
    private readonly DomainTable _table;

    public XmlRpcMethods(
        LegacyOperations legacy, DomainOperations domains, ManagedOperations managed, DomainShares shares, DomainListing listing, DeviceManager devices, DomainTable table)
    {
        (_legacy, _domains, _managed, _shares, _listing, _devices, _table) = (legacy, domains, managed, shares, listing, devices, table);
        AddLookers();
        AddVerbs();
        AddSettings();
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
        Add("xend.domain.getVCPUInfo", (arguments, _) => Vcpus(arguments.Text(0)));
    }

    private void AddVerbs()
    {
        Add("xend.domain.create", async (arguments, cancellation) =>
            SxpValues.From(_legacy.Form((await _domains.CreateAsync(arguments.Form(0).ToString(), cancellation)).Uuid.ToString())));
        Add("xend.domain.new", (arguments, _) => SxpValues.From(_legacy.Form(_managed.New(arguments.Form(0).ToString()).Uuid.ToString())));
        Add("xend.domain.start", async (arguments, cancellation) =>
        {
            ManagedDomain started = await _managed.StartAsync(arguments.Text(0), cancellation);
            if (!arguments.Flag(1))
                await _domains.UnpauseAsync(started.Uuid.ToString(), cancellation);
            return null;
        });
        Do("xend.domain.delete", arguments => _managed.Delete(arguments.Text(0)));
        Change("xend.domain.destroy", (arguments, _) => _domains.DestroyAsync(arguments.Text(0), CancellationToken.None));
        Change("xend.domain.shutdown", (arguments, cancellation) => _domains.ShutdownAsync(arguments.Text(0), arguments.Optional(1) ?? "poweroff", cancellation));
        Change("xend.domain.pause", (arguments, cancellation) => _domains.PauseAsync(arguments.Text(0), cancellation));
        Change("xend.domain.unpause", (arguments, cancellation) => _domains.UnpauseAsync(arguments.Text(0), cancellation));
        Change("xend.domain.send_sysrq", (arguments, cancellation) => _domains.SysrqAsync(arguments.Text(0), arguments.Text(1), cancellation));
        Change("xend.domain.send_trigger", (arguments, cancellation) =>
            _domains.TriggerAsync(arguments.Text(0), arguments.Text(1), (int)(arguments.OptionalNumber(2) ?? 0), cancellation));
        Change("xend.domain.waitForDevices", (arguments, cancellation) => _domains.WaitForDevicesAsync(arguments.Text(0), cancellation));
        Add("xend.domain.dump", async (arguments, cancellation) =>
            await _legacy.DumpAsync(arguments.Text(0), arguments.Optional(1), arguments.Flag(2), arguments.Flag(3), cancellation));
        foreach (string method in (string[])["suspend", "resume", "save", "restore", "migrate", "shadow_control", "shadow_mem_get", "shadow_mem_set", "ioport_range_enable", "ioport_range_disable"])
            Add($"xend.domain.{method}", (_, _) => throw LegacyOperations.NotThere(method));
    }

    private void AddSettings()
    {
        Add("xend.domain.setName", async (arguments, cancellation) =>
        {
            string name = VmConfigurationReader.CheckName(arguments.Text(1));
            await _managed.ChangeEitherAsync(
                arguments.Text(0), configuration => configuration with { Name = name }, () => _domains.RenameAsync(arguments.Text(0), name, cancellation));
            return null;
        });
        Change("xend.domain.setVCpuCount", (arguments, cancellation) => _domains.SetVcpuCountAsync(arguments.Text(0), Int(arguments.Number(1)), cancellation));
        Change("xend.domain.setMemoryTarget", (arguments, cancellation) => _domains.SetMemoryTargetAsync(arguments.Text(0), arguments.Number(1), cancellation));
        Change("xend.domain.maxmem_set", (arguments, cancellation) => _domains.SetMemoryMaximumAsync(arguments.Text(0), arguments.Number(1), cancellation));
        Change("xend.domain.pincpu", (arguments, cancellation) => _shares.PinAsync(arguments.Text(0), arguments.Text(1), arguments.Numbers(2), cancellation));
        Add("xend.domain.sched_credit_get", (arguments, _) => _legacy.SchedulerOf(arguments.Text(0), "credit"));
        Change("xend.domain.sched_credit_set", (arguments, cancellation) => _shares.WriteAsync(
            arguments.Text(0), new Bodies.Scheduler("credit", Parameters(arguments, ("weight", 1), ("cap", 2))), cancellation));
        Add("xend.domain.cpu_sedf_get", (arguments, _) => _legacy.SchedulerOf(arguments.Text(0), "sedf"));
        Change("xend.domain.cpu_sedf_set", (arguments, cancellation) => _shares.WriteAsync(
            arguments.Text(0),
            new Bodies.Scheduler("sedf", Parameters(arguments, ("period", 1), ("slice", 2), ("latency", 3), ("extratime", 4), ("weight", 5))),
            cancellation));
    }

    private void AddDevices()
    {
        Change("xend.domain.device_create", (arguments, cancellation) => _domains.AttachDeviceAsync(arguments.Text(0), Device(arguments), cancellation));
        Change("xend.domain.device_configure", (arguments, cancellation) => _domains.ConfigureDeviceAsync(arguments.Text(0), Device(arguments), cancellation));
        Change("xend.domain.destroyDevice", (arguments, cancellation) =>
            _domains.DetachDeviceAsync(arguments.Text(0), arguments.Text(1), arguments.Text(2), arguments.Flag(3), cancellation));
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

    private object[] Vcpus(string reference)
    {
        DomainInfo domain = _listing.Find(reference);
        IReadOnlyList<VcpuInfo> vcpus = _listing.Vcpus(reference);
        return
        [
            "domain",
            new object[] { "domid", (long)(domain.Domid ?? -1) },
            new object[] { "name", domain.Name },
            new object[] { "vcpu_count", (long)domain.OnlineVcpus },
            .. vcpus.Select(static vcpu => new object[]
            {
                "vcpu",
                new object[] { "number", (long)vcpu.Number },
                new object[] { "online", vcpu.Online ? 1L : 0 },
                new object[] { "blocked", vcpu.Blocked ? 1L : 0 },
                new object[] { "running", vcpu.Running ? 1L : 0 },
                new object[] { "cpu_time", vcpu.CpuTime },
                new object[] { "cpu", (long)(vcpu.Pcpu ?? -1) },
                new object[] { "cpumap", vcpu.Affinity.Select(static pcpu => (object)(long)pcpu).ToArray() },
            }),
        ];
    }

    private static object List(IEnumerable<SxpList> forms, bool isDetailed) => isDetailed
        ? forms.Select(SxpValues.From).ToArray()
        : forms.Select(static form => (object)form.ValueText("name")!).ToArray();

    private static Dictionary<string, long> Parameters(XmlRpcArguments arguments, params ReadOnlySpan<(string Name, int Index)> places)
    {
        Dictionary<string, long> parameters = new(StringComparer.Ordinal);
        foreach ((string name, int index) in places)
        {
            if (arguments.OptionalNumber(index) is { } value)
                parameters[name] = value;
        }

        return parameters;
    }

    // xm sends the device's form, older scripts that inside (device ...).
    private static string Device(XmlRpcArguments arguments) =>
        (arguments.Form(1) is { Name: "device", Count: > 1 } wrapped && wrapped[1] is SxpList inner ? inner : arguments.Form(1)).ToString();

    private static int Int(long number) => number is >= int.MinValue and <= int.MaxValue ? (int)number : throw XendException.Generic($"{number} is out of range");

    private void Add(string name, Func<XmlRpcArguments, CancellationToken, object?> method) =>
        _methods[name] = (arguments, cancellation) => Task.FromResult(method(arguments, cancellation));

    private void Do(string name, Action<XmlRpcArguments> method) => _methods[name] = (arguments, _) =>
    {
        method(arguments);
        return Task.FromResult<object?>(null);
    };

    private void Add(string name, Func<XmlRpcArguments, CancellationToken, Task<object?>> method) => _methods[name] = method;

    /// <summary>A method that changes the domain it names first, and answers nothing.</summary>
    private void Change(string name, Func<XmlRpcArguments, CancellationToken, Task> method) => _methods[name] = async (arguments, cancellation) =>
    {
        await _managed.ChangeAsync(arguments.Text(0), () => method(arguments, cancellation));
        return null;
    };
}
