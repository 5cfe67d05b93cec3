using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Managed;
using Hospes.Host.Security;

namespace Hospes.Host.Api;

/// <summary>Answers to requests that look at domains, and the one that makes them.</summary>
internal sealed class DomainHandlers(
    HostPaths paths, DomainTable table, DomainListing listing, KeptListing kept, DomainForms forms, DomainOperations operations, DeviceTraffic traffic, SecurityText labels)
{
    public async Task ListAsync(HttpContext context)
    {
        await traffic.RefreshAsync(table.Listed, context.RequestAborted);
        await context.WriteJsonAsync([.. kept.Select(listing.All(), context.Request.Query["state"]).Select(labels.Complete)], ApiJson.Default.IReadOnlyListDomainInfo);
    }

    public async Task FindAsync(HttpContext context)
    {
        string reference = context.DomainReference();
        if (table.TryFind(reference) is { } running)
            await traffic.RefreshAsync([running], context.RequestAborted);
        await context.WriteJsonAsync(labels.Complete(kept.TryHalted(reference) ?? kept.Mark(listing.Find(reference))), ApiJson.Default.DomainInfo);
    }

    public Task FormsAsync(HttpContext context) =>
        context.WriteFormsAsync([.. forms.All(), .. kept.HaltedForms()]);

    public Task FormAsync(HttpContext context) =>
        context.WriteFormsAsync(kept.TryHaltedForm(context.DomainReference()) ?? forms.Form(context.DomainReference()));

    public Task VcpusAsync(HttpContext context) =>
        context.WriteJsonAsync(listing.Vcpus(context.DomainReference()), ApiJson.Default.IReadOnlyListVcpuInfo);

    public Task ConsoleAsync(HttpContext context)
    {
        string reference = context.DomainReference();
        if (listing.Find(reference).Domid == 0)
            throw XendException.Generic("Domain-0 is this machine itself and has no console here");
        string socket = Path.Combine(paths.Domain(table.Find(reference).Id.Value), DomainProcessLauncher.ConsoleSocketName);
        return context.WriteJsonAsync(new Bodies.Console(socket), ApiJson.Default.Console);
    }

    public async Task CreateAsync(HttpContext context)
    {
        string form = await context.ReadTextAsync();
        ManagedDomain domain = await operations.CreateAsync(form, context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/domains/{domain.Id}";
        await context.WriteJsonAsync(listing.Describe(domain), ApiJson.Default.DomainInfo);
    }
}
