namespace Hospes.Host.Api;

/// <summary>Bodies of requests and small answers, by the verb they belong to.</summary>
internal static class Bodies
{
    /// <summary>POST shutdown.</summary>
    internal sealed record Shutdown(string? Reason);

    /// <summary>POST rename.</summary>
    internal sealed record Rename(string? Name);

    /// <summary>POST sysrq.</summary>
    internal sealed record Sysrq(string? Key);

    /// <summary>POST trigger.</summary>
    internal sealed record Trigger(string? Name, int Vcpu);

    /// <summary>POST vcpu-count.</summary>
    internal sealed record VcpuCount(int? Vcpus);

    /// <summary>POST memory-target and memory-maximum.</summary>
    internal sealed record Memory(long? Mib);

    /// <summary>POST device-detach; the device by number, name or class/number, force 0 or 1.</summary>
    internal sealed record DeviceDetach(string? Class, string? Device, int Force);

    /// <summary>POST dump: where to (null: a name of xend's), whether the guest goes on meanwhile, and whether it is destroyed afterwards; 0 or 1.</summary>
    internal sealed record Dump(string? File, int Live, int Crash);

    /// <summary>Answer to dump.</summary>
    internal sealed record File(string Path);

    /// <summary>POST /v1/host/debug-keys.</summary>
    internal sealed record DebugKeys(string? Keys);

    /// <summary>POST /v1/stop: whether domains are destroyed, and whether those that want something as xend stops are left alone, as another comes at once.</summary>
    internal sealed record Stop(bool DestroyDomains, bool Reload);

    /// <summary>GET and POST scheduler of a domain; POST /v1/host/scheduler, without parameters.</summary>
    internal sealed record Scheduler([property: System.Text.Json.Serialization.JsonPropertyName("scheduler")] string? Name, Dictionary<string, long>? Parameters);

    /// <summary>GET /v1/host/scheduler.</summary>
    internal sealed record Schedulers([property: System.Text.Json.Serialization.JsonPropertyName("scheduler")] string Name, string[] Available);

    /// <summary>POST vcpu-pin: a vCPU's number or "all", and a list of pCPUs.</summary>
    internal sealed record Pin(string? Vcpu, string? Cpus);

    /// <summary>GET console.</summary>
    internal sealed record Console(string Socket);

    /// <summary>GET /v1/status; time up in seconds.</summary>
    internal sealed record Status(
        string State,
        int Pid,
        string Version,
        string Root,
        long Uptime,
        string Engine,
        string Scheduler,
        long TotalMemoryMiB,
        long FreeMemoryMiB,
        IReadOnlyList<DomainInfo> Domains,
        IReadOnlyList<PluginStatus> Plugins);
}
