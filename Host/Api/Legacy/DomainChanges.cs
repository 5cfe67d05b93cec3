using Hospes.Host.Domains;
using Hospes.Host.Managed;

namespace Hospes.Host.Api.Legacy;

/// <summary>All that the two older interfaces do to domains (fact sheet "xend", sections 3.1 and 3.2), in one table.</summary>
internal sealed class DomainChanges
{
    private static readonly string[] CreditParameters = ["weight", "cap"];
    private static readonly string[] SedfParameters = ["period", "slice", "latency", "extratime", "weight"];

    private readonly ManagedOperations _managed;

    public DomainChanges(DomainOperations domains, DomainShares shares, ManagedOperations managed)
    {
        _managed = managed;
        All =
        [
            new("pause", "pause", [], (domain, _, cancellation) => domains.PauseAsync(domain, cancellation)),
            new("unpause", "unpause", [], (domain, _, cancellation) => domains.UnpauseAsync(domain, cancellation)),
            new("destroy", "destroy", [], (domain, _, _) => domains.DestroyAsync(domain, CancellationToken.None)),
            new("shutdown", "shutdown", ["reason"], (domain, arguments, cancellation) => domains.ShutdownAsync(domain, arguments.Optional("reason") ?? "poweroff", cancellation)),
            new("sysrq", "send_sysrq", ["key"], (domain, arguments, cancellation) => domains.SysrqAsync(domain, arguments.Text("key"), cancellation)),
            new(null, "send_trigger", ["name", "vcpu"], (domain, arguments, cancellation) =>
                domains.TriggerAsync(domain, arguments.Text("name"), arguments.Optional("vcpu") is null ? 0 : arguments.Count("vcpu"), cancellation)),
            new("wait_for_devices", "waitForDevices", [], (domain, _, cancellation) => domains.WaitForDevicesAsync(domain, cancellation)),
            new("set_vcpus", "setVCpuCount", ["vcpus"], (domain, arguments, cancellation) => domains.SetVcpuCountAsync(domain, arguments.Count("vcpus"), cancellation)),
            new("mem_target_set", "setMemoryTarget", ["target"], (domain, arguments, cancellation) => domains.SetMemoryTargetAsync(domain, arguments.Number("target"), cancellation)),
            new("maxmem_set", "maxmem_set", ["memory"], (domain, arguments, cancellation) => domains.SetMemoryMaximumAsync(domain, arguments.Number("memory"), cancellation)),
            new("pincpu", "pincpu", ["vcpu", "cpumap"], (domain, arguments, cancellation) =>
                shares.PinAsync(domain, arguments.Text("vcpu"), arguments.List("cpumap"), cancellation)),
            new("cpu_sedf_set", "cpu_sedf_set", SedfParameters, (domain, arguments, cancellation) =>
                shares.WriteAsync(domain, new Bodies.Scheduler("sedf", arguments.Numbers(SedfParameters)), cancellation)),
            new("domain_sched_credit_set", "sched_credit_set", CreditParameters, (domain, arguments, cancellation) =>
                shares.WriteAsync(domain, new Bodies.Scheduler("credit", arguments.Numbers(CreditParameters)), cancellation)),
            new("device_create", "device_create", ["config"], (domain, arguments, cancellation) => domains.AttachDeviceAsync(domain, arguments.Form("config"), cancellation)),
            new("device_configure", "device_configure", ["config"], (domain, arguments, cancellation) =>
                domains.ConfigureDeviceAsync(domain, arguments.Form("config"), cancellation)),
            new("device_destroy", "destroyDevice", ["type", "dev", "force"], (domain, arguments, cancellation) =>
                domains.DetachDeviceAsync(domain, arguments.Text("type"), arguments.Text("dev"), arguments.Flag("force"), cancellation)),
        ];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<DomainChange> All { get; }

    /// <summary>Does one; if the domain is managed, what has become of its configuration is stored.</summary>
    public Task RunAsync(DomainChange change, string domain, LegacyArguments arguments, CancellationToken cancellation) =>
        _managed.ChangeAsync(domain, () => change.Work(domain, arguments, cancellation));
}
