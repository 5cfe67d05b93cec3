using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Scheduling;
using Hospes.Host.Startup;
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
    StopRequest stop)
{
    public Task InformationAsync(HttpContext context) => context.WriteJsonAsync(
        machine.Read(ledger.Free(table.Promised()), scheduler.SchedulerName), ApiJson.Default.DictionaryStringString);

    public Task MessagesAsync(HttpContext context) => context.WriteTextAsync(ring.Read());

    public Task ClearMessagesAsync(HttpContext context)
    {
        ring.Clear();
        return context.WriteDoneAsync();
    }

    public async Task LogAsync(HttpContext context)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        await using FileStream log = new(paths.XendLog, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await log.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    public Task StatusAsync(HttpContext context) => context.WriteJsonAsync(
        new Bodies.Status("running", Environment.ProcessId, VersionVerb.Version, paths.Root, table.Listed.Count()), ApiJson.Default.Status);

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
        stop.Ask(body?.DestroyDomains ?? false);
    }
}
