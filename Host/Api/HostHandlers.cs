using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Managed;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.Verbs;

namespace Hospes.Host.Api;

/// <summary>Answers to requests about the host and the daemon itself.</summary>
internal sealed class HostHandlers(
    HostPaths paths,
    AppliancePlugins plugins,
    HypervisorRing ring,
    MachineInformation machine,
    MemoryLedger ledger,
    SchedulerService scheduler,
    DomainTable table,
    DomainListing listing,
    KeptListing kept,
    TimeProvider clock,
    XendConfiguration configuration,
    StopRequest stop)
{
    private readonly long _started = clock.GetTimestamp();

    public Task InformationAsync(HttpContext context) => context.WriteJsonAsync(
        machine.Read(ledger.Free(table.Promised()), scheduler.SchedulerName), ApiJson.Default.DictionaryStringString);

    public Task ConfigurationAsync(HttpContext context) => context.WriteJsonAsync(
        new Dictionary<string, string>(configuration.Shown, StringComparer.Ordinal), ApiJson.Default.DictionaryStringString);

    public Task MessagesAsync(HttpContext context) => context.WriteTextAsync(ring.Read());

    public Task ClearMessagesAsync(HttpContext context)
    {
        ring.Clear();
        return context.WriteDoneAsync();
    }

    public async Task LogAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        await using FileStream log = new(configuration.LogFile(paths), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await log.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public Task StatusAsync(HttpContext context) => context.WriteJsonAsync(
        new Bodies.Status(
            "running",
            Environment.ProcessId,
            VersionVerb.Version,
            paths.Root,
            (long)clock.GetElapsedTime(_started).TotalSeconds,
            plugins.EngineName,
            scheduler.SchedulerName,
            ledger.TotalKiB / 1024,
            ledger.Free(table.Promised()) / 1024,
            kept.Select(listing.All(), "all"),
            [.. plugins.Reports.Select(static plugin => new PluginStatus(
                plugin.Assembly,
                plugin.State.ToString().ToLowerInvariant(),
                [.. plugin.Exports.Select(static export => $"{export.Contract}:{export.Name}")]))]),
        ApiJson.Default.Status);

    public Task MemoryAsync(HttpContext context)
    {
        MemoryStanding standing = ledger.Read(table.Promised());
        return context.WriteJsonAsync(
            new MemoryInfo(
                standing.TotalKiB / 1024,
                standing.FreeKiB / 1024,
                standing.Dom0MinimumKiB / 1024,
                [
                    new MemoryHolder(0, DomainTable.Domain0Name, standing.Dom0KiB / 1024, (standing.Dom0KiB - standing.FreeKiB) / 1024),
                    .. table.Listed.Select(domain => new MemoryHolder(
                        domain.Id.Value, domain.Name, domain.MemoryTargetKiB / 1024, ledger.TouchedKiB(domain.Process?.ProcessId ?? 0) / 1024)),
                ]),
            ApiJson.Default.MemoryInfo);
    }

    public Task PluginsAsync(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(plugins.ReportJson(), context.RequestAborted);
    }

    public async Task StopAsync(HttpContext context)
    {
        Bodies.Stop? body = await context.ReadBodyAsync(ApiJson.Default.Stop);
        await context.WriteDoneAsync();
        await context.Response.CompleteAsync();
        stop.Ask(body is { DestroyDomains: true }, body is { Reload: true });
    }
}
