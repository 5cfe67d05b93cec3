using Hospes.Host.Api.Legacy;

namespace Hospes.Host.Api;

/// <summary>Answers to requests for cores of domains and for the hypervisor's own tables.</summary>
internal sealed class DumpHandlers(LegacyOperations operations)
{
    public async Task DumpAsync(HttpContext context)
    {
        Bodies.Dump? body = await context.ReadBodyAsync(ApiJson.Default.Dump);
        string path = await operations.DumpAsync(
            context.DomainReference(), body?.File, body is { Live: not 0 }, body is { Crash: not 0 }, context.RequestAborted);
        await context.WriteJsonAsync(new Bodies.File(path), ApiJson.Default.File);
    }

    public async Task DebugKeysAsync(HttpContext context)
    {
        Bodies.DebugKeys? body = await context.ReadBodyAsync(ApiJson.Default.DebugKeys);
        operations.DebugKeys(body?.Keys ?? throw ApiEndpoints.Missing("keys"));
        await context.WriteDoneAsync();
    }
}
