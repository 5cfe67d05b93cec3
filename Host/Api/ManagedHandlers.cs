using System.Text.Json.Serialization.Metadata;
using Hospes.Host.Domains;
using Hospes.Host.Managed;
using Hospes.Host.Security;
using Hospes.Sdk.Security;

namespace Hospes.Host.Api;

/// <summary>Answers to requests about managed domains, and those that change a domain whether it runs or not.</summary>
internal sealed class ManagedHandlers(ManagedOperations managed, DomainOperations domains, DomainListing listing, KeptListing kept, SecurityAdministration administration)
{
    /// <summary>POST below a domain.</summary>
    public static readonly IReadOnlyList<(string Verb, Func<ManagedHandlers, HttpContext, Task> Work)> Verbs =
    [
        ("start", static (handlers, context) => handlers.StartAsync(context)),
        ("security-label", static (handlers, context) => handlers.SetLabelAsync(context)),
        ("delete", static (handlers, context) => handlers.DeleteAsync(context)),
        ("rename", static (handlers, context) => handlers.RenameAsync(context)),
        ("vcpu-count", static (handlers, context) => handlers.SetVcpusAsync(context)),
        ("memory-target", static (handlers, context) => handlers.SetMemoryAsync(context)),
        ("memory-maximum", static (handlers, context) => handlers.SetMaximumAsync(context)),
    ];

    public Task ListAsync(HttpContext context) => context.WriteJsonAsync(
        [.. kept.Select(listing.All(), "all").Where(static domain => domain.Managed)], ApiJson.Default.IReadOnlyListDomainInfo);

    public async Task NewAsync(HttpContext context)
    {
        KeptDomain domain = managed.New(await context.ReadTextAsync());
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.Headers.Location = $"/v1/domains/{domain.Uuid}";
        await context.WriteJsonAsync(KeptListing.Describe(domain.Configuration), ApiJson.Default.DomainInfo);
    }

    private async Task StartAsync(HttpContext context)
    {
        ManagedDomain domain = await managed.StartAsync(context.DomainReference(), context.RequestAborted);
        await context.WriteJsonAsync(listing.Describe(domain) with { Managed = true }, ApiJson.Default.DomainInfo);
    }

    private Task DeleteAsync(HttpContext context)
    {
        managed.Delete(context.DomainReference());
        return context.WriteDoneAsync();
    }

    private Task RenameAsync(HttpContext context) => ChangeAsync(
        context,
        ApiJson.Default.Rename,
        static body => body?.Name ?? throw ApiEndpoints.Missing("name"),
        static (configuration, name) => configuration with { Name = VmConfigurationReader.CheckName(name) },
        (reference, name) => domains.RenameAsync(reference, name, context.RequestAborted));

    private Task SetLabelAsync(HttpContext context) => ChangeAsync(
        context,
        ApiJson.Default.DomainLabel,
        body => (Label: administration.Check(body?.Policy, body?.Name ?? throw ApiEndpoints.Missing("name"), body.Vif is null ? SecurityLabelKind.Domain : SecurityLabelKind.Resource), body.Vif),
        static (configuration, wanted) => wanted.Vif is { } vif ? SecurityForm.WithVif(configuration, vif, wanted.Label) : SecurityForm.With(configuration, wanted.Label),
        static (reference, _) => throw XendException.Generic($"VM in wrong state: domain '{reference}' runs, and its label stays until it is stopped"));

    private Task SetVcpusAsync(HttpContext context) => ChangeAsync(
        context,
        ApiJson.Default.VcpuCount,
        static body => body?.Vcpus ?? throw ApiEndpoints.Missing("vcpus"),
        static (configuration, count) => count is > 0 and <= VmConfigurationReader.MaximumVcpus
            ? configuration with { Vcpus = Math.Max(count, configuration.Vcpus), VcpusAvailable = (1UL << count) - 1 }
            : throw XendException.Generic("Invalid VCPUs"),
        (reference, count) => domains.SetVcpuCountAsync(reference, count, context.RequestAborted));

    private Task SetMemoryAsync(HttpContext context) => ChangeAsync(
        context,
        ApiJson.Default.Memory,
        static body => body?.Mib ?? throw ApiEndpoints.Missing("mib"),
        static (configuration, mib) => configuration with { MemoryMiB = MemorySize(mib) },
        (reference, mib) => domains.SetMemoryTargetAsync(reference, mib, context.RequestAborted));

    private Task SetMaximumAsync(HttpContext context) => ChangeAsync(
        context,
        ApiJson.Default.Memory,
        static body => body?.Mib ?? throw ApiEndpoints.Missing("mib"),
        static (configuration, mib) => configuration with { MaximumMemoryMiB = MemorySize(mib) },
        (reference, mib) => domains.SetMemoryMaximumAsync(reference, mib, context.RequestAborted));

    private static int MemorySize(long mib) => mib is > 0 and <= int.MaxValue ? (int)mib : throw XendException.Generic("Invalid memory size");

    private async Task ChangeAsync<TBody, TValue>(
        HttpContext context,
        JsonTypeInfo<TBody> type,
        Func<TBody?, TValue> read,
        Func<VmConfiguration, TValue, VmConfiguration> change,
        Func<string, TValue, Task> running)
        where TBody : class
    {
        TValue value = read(await context.ReadBodyAsync(type));
        string reference = context.DomainReference();
        await managed.ChangeEitherAsync(reference, configuration => change(configuration, value), () => running(reference, value));
        await context.WriteDoneAsync();
    }
}
