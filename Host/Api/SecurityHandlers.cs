using Hospes.Host.Security;
using Hospes.Sdk.Security;

namespace Hospes.Host.Api;

/// <summary>Answers to requests about the security policy.</summary>
internal sealed class SecurityHandlers(SecurityService security, SecurityAdministration administration, SecurityCheck check, TimeProvider clock)
{
    private const string Inactive = "INACTIVE";

    /// <summary>The routes below <c>/v1/security</c>.</summary>
    public static readonly IReadOnlyList<(string Method, string Route, Func<SecurityHandlers, HttpContext, Task> Work)> Routes =
    [
        ("GET", "/v1/security", static (handlers, context) => handlers.ReadAsync(context)),
        ("GET", "/v1/security/labels", static (handlers, context) => handlers.LabelsAsync(context)),
        ("GET", "/v1/security/dump", static (handlers, context) => context.WriteTextAsync(handlers.Dump())),
        ("GET", "/v1/security/source", static (handlers, context) => handlers.SourceAsync(context)),
        ("GET", "/v1/security/resources", static (handlers, context) => handlers.ResourcesAsync(context)),
        ("GET", "/v1/security/resource", static (handlers, context) => handlers.ResourceAsync(context)),
        ("POST", "/v1/security/make", static (handlers, context) => handlers.MakeAsync(context)),
        ("POST", "/v1/security/load", static (handlers, context) => handlers.LoadAsync(context)),
        ("POST", "/v1/security/reset", static (handlers, context) => handlers.ResetAsync(context)),
        ("POST", "/v1/security/boot", static (handlers, context) => handlers.BootAsync(context)),
        ("POST", "/v1/security/install", static (handlers, context) => handlers.InstallAsync(context)),
        ("POST", "/v1/security/activate", static (handlers, context) => handlers.ActivateAsync(context)),
        ("POST", "/v1/security/workloads", static (handlers, context) => handlers.WorkloadsAsync(context)),
        ("POST", "/v1/security/resource-label", static (handlers, context) => handlers.LabelAsync(context)),
        ("POST", "/v1/security/resource-unlabel", static (handlers, context) => handlers.UnlabelAsync(context)),
        ("POST", "/v1/security/check", static (handlers, context) => handlers.CheckAsync(context)),
    ];

    private Task ReadAsync(HttpContext context)
    {
        SecurityStatus status = security.Status ?? new SecurityStatus { Type = "", Policy = Inactive, IsEnforcing = false };
        (string Name, string Version)? installed = security.Module is null ? null : administration.With(static policies => policies.Installed);
        SecurityBodies.State state = new(
            status.Type, status.Policy, status.IsEnforcing, installed?.Name, installed?.Version ?? status.Version, status.Reference?.ToString(), status.Fingerprint, status.IsBootPolicy, status.HostLabel, status.Fault,
            status.Counters, security.Denials.ToDictionary(static denial => denial.Key.ToString(), static denial => denial.Value, StringComparer.Ordinal));
        return context.WriteJsonAsync(state, ApiJson.Default.State);
    }

    private Task LabelsAsync(HttpContext context)
    {
        SecurityLabelKind kind = (string?)context.Request.Query["type"] switch
        {
            null or "" or "dom" => SecurityLabelKind.Domain,
            "res" => SecurityLabelKind.Resource,
            "any" => SecurityLabelKind.Any,
            string other => throw XendException.Generic($"Unknown label type '{other}'"),
        };
        string? policy = context.Request.Query["policy"];
        return context.WriteJsonAsync(administration.With(policies => policies.Labels(policy is { Length: > 0 } ? policy : null, kind)), ApiJson.Default.IReadOnlyListString);
    }

    private string Dump() => security.Module is null
        ? throw XendException.Generic($"'{Inactive}' policy. Nothing to dump.")
        : administration.With(static policies => policies.Dump());

    private Task SourceAsync(HttpContext context)
    {
        string? policy = context.Request.Query["policy"];
        return context.WriteTextAsync(administration.With(policies => policies.Source(policy is { Length: > 0 } ? policy : null)));
    }

    private Task ResourcesAsync(HttpContext context) =>
        context.WriteJsonAsync([.. administration.Look(static labels => labels.All).Select(Describe)], ApiJson.Default.IReadOnlyListLabelled);

    private Task ResourceAsync(HttpContext context)
    {
        string name = (string?)context.Request.Query["name"] ?? throw ApiEndpoints.Missing("name");
        LabelledResource found = administration.Look(labels => labels.Find(name)) ?? throw XendException.Generic("Resource not labeled");
        return context.WriteJsonAsync(Describe(found), ApiJson.Default.Labelled);
    }

    private async Task MakeAsync(HttpContext context)
    {
        string name = await NameAsync(context);
        administration.With(policies =>
        {
            policies.Compile(name);
            return 0;
        });
        await context.WriteDoneAsync();
    }

    private async Task LoadAsync(HttpContext context)
    {
        administration.Load(await NameAsync(context));
        await context.WriteDoneAsync();
    }

    private Task ResetAsync(HttpContext context)
    {
        administration.Reset();
        return context.WriteDoneAsync();
    }

    private async Task BootAsync(HttpContext context)
    {
        SecurityBodies.Boot? body = await context.ReadBodyAsync(ApiJson.Default.Boot);
        string title = administration.With(policies => policies.ConfigureBoot(body?.Policy, body?.Title));
        await context.WriteJsonAsync(new SecurityBodies.Entry(title), ApiJson.Default.Entry);
    }

    private async Task InstallAsync(HttpContext context)
    {
        SecurityBodies.Install body = await context.ReadBodyAsync(ApiJson.Default.Install) ?? throw ApiEndpoints.Missing("policy");
        if (body.Policy is null && body.Source is null)
            throw ApiEndpoints.Missing("policy");
        string name = administration.Install(body.Policy, body.Source, body.NoOverwrite == 0, body.Update != 0, body.Load != 0);
        if (body.Boot != 0)
            administration.With(policies => policies.ConfigureBoot(name, null));
        await context.WriteDoneAsync();
    }

    private async Task ActivateAsync(HttpContext context)
    {
        SecurityBodies.Activate body = await context.ReadBodyAsync(ApiJson.Default.Activate) ?? throw ApiEndpoints.Missing("load");
        string name = administration.With(static policies => policies.Installed)?.Name ?? throw XendException.Generic("No policy is installed.");
        if (body.Load != 0)
            administration.Load(name);
        if (body.Boot != 0 || body.Unboot != 0)
            administration.With(policies => policies.ConfigureBoot(body.Boot != 0 ? name : null, null));
        if (body.Remove != 0)
            administration.Reset();
        await context.WriteDoneAsync();
    }

    private async Task WorkloadsAsync(HttpContext context)
    {
        SecurityBodies.Workloads body = await context.ReadBodyAsync(ApiJson.Default.Workloads) ?? throw ApiEndpoints.Missing("definition");
        string policy = body.Policy ?? throw ApiEndpoints.Missing("policy");
        SecurityBodies.Translated answer = administration.WithWorkloads(workloads =>
        {
            string source = body.Source ?? workloads.Translate(body.Definition ?? throw ApiEndpoints.Missing("definition"), policy, clock.GetUtcNow());
            return new SecurityBodies.Translated(source, body.Save != 0 ? workloads.Save(policy, source, body.Overwrite != 0) : null);
        });
        await context.WriteJsonAsync(answer, ApiJson.Default.Translated);
    }

    private async Task LabelAsync(HttpContext context)
    {
        SecurityBodies.Label? body = await context.ReadBodyAsync(ApiJson.Default.Label);
        string policy = body?.Policy is { Length: > 0 } named ? named
            : security.Status is { IsEnforcing: true } status ? status.Policy : throw XendException.Generic("No active policy. Must specify policy on the command line.");
        SecurityLabel label = new(body?.Type is { Length: > 0 } type ? type : security.Status?.Type ?? "", policy, body?.Name ?? throw ApiEndpoints.Missing("name"));
        string? made = administration.AddLabel(body.Resource ?? throw ApiEndpoints.Missing("resource"), label);
        await context.WriteJsonAsync(new SecurityBodies.Made(made), ApiJson.Default.Made);
    }

    private async Task UnlabelAsync(HttpContext context)
    {
        administration.RemoveLabel((await context.ReadBodyAsync(ApiJson.Default.Resource))?.Name ?? throw ApiEndpoints.Missing("name"));
        await context.WriteDoneAsync();
    }

    private async Task CheckAsync(HttpContext context) =>
        await context.WriteJsonAsync(check.Run(await context.ReadTextAsync()), ApiJson.Default.CheckedDomain);

    private static SecurityBodies.Labelled Describe(LabelledResource resource) => new(resource.Name, resource.Label.Type, resource.Label.Policy, resource.Label.Name);

    private static async Task<string> NameAsync(HttpContext context) =>
        (await context.ReadBodyAsync(ApiJson.Default.Policy))?.Name ?? throw ApiEndpoints.Missing("name");
}
