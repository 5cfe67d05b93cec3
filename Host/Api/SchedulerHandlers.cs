using Hospes.Host.Domains;

namespace Hospes.Host.Api;

/// <summary>Answers to requests about domains' shares of the CPUs and about the scheduler.</summary>
internal sealed class SchedulerHandlers(DomainShares shares)
{
    public Task ReadAsync(HttpContext context) => context.WriteJsonAsync(shares.Schedulers(), ApiJson.Default.Schedulers);

    public async Task ChooseAsync(HttpContext context)
    {
        Bodies.Scheduler? body = await context.ReadBodyAsync(ApiJson.Default.Scheduler);
        shares.Choose(body?.Name ?? throw ApiEndpoints.Missing("scheduler"));
        await context.WriteDoneAsync();
    }

    public Task ReadDomainAsync(HttpContext context) => context.WriteJsonAsync(shares.Read(context.DomainReference()), ApiJson.Default.Scheduler);

    public async Task WriteDomainAsync(HttpContext context)
    {
        Bodies.Scheduler body = await context.ReadBodyAsync(ApiJson.Default.Scheduler) ?? throw ApiEndpoints.Missing("scheduler");
        await shares.WriteAsync(context.DomainReference(), body, context.RequestAborted);
        await context.WriteDoneAsync();
    }

    public async Task PinAsync(HttpContext context)
    {
        Bodies.Pin? body = await context.ReadBodyAsync(ApiJson.Default.Pin);
        await shares.PinAsync(
            context.DomainReference(), body?.Vcpu ?? throw ApiEndpoints.Missing("vcpu"), body.Cpus ?? throw ApiEndpoints.Missing("cpus"), context.RequestAborted);
        await context.WriteDoneAsync();
    }
}
