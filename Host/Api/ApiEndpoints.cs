using System.Text.Json.Serialization.Metadata;
using Hospes.Host.Domains;
using Hospes.Host.Managed;

namespace Hospes.Host.Api;

/// <summary>
/// xend's API, version 1: the routes. Each handler is a plain request delegate, so that no reflection stands between a request and its answer, and
/// waits for nothing but the domain it is about.
/// </summary>
internal static class ApiEndpoints
{
    /// <summary>Maps the routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        MapDomains(routes);
        MapVerbs(routes);
        MapDevices(routes);
        MapManaged(routes);
        routes.MapGet("/v1/host", Handle<HostHandlers>((handlers, context) => handlers.InformationAsync(context)));
        routes.MapGet("/v1/host/configuration", Handle<HostHandlers>((handlers, context) => handlers.ConfigurationAsync(context)));
        routes.MapGet("/v1/host/dmesg", Handle<HostHandlers>((handlers, context) => handlers.MessagesAsync(context)));
        routes.MapPost("/v1/host/dmesg/clear", Handle<HostHandlers>((handlers, context) => handlers.ClearMessagesAsync(context)));
        routes.MapGet("/v1/openapi.json", ApiDocument.WriteAsync);
        routes.MapGet("/v1/host/memory", Handle<HostHandlers>((handlers, context) => handlers.MemoryAsync(context)));
        routes.MapGet("/v1/events", Handle<EventHandlers>((handlers, context) => handlers.FollowAsync(context)));
        routes.MapPost("/v1/host/debug-keys", Handle<DumpHandlers>((handlers, context) => handlers.DebugKeysAsync(context)));
        routes.MapPost("/v1/domains/{ref}/dump", Handle<DumpHandlers>((handlers, context) => handlers.DumpAsync(context)));
        routes.MapGet("/v1/host/log", Handle<HostHandlers>((handlers, context) => handlers.LogAsync(context)));
        routes.MapGet("/v1/host/scheduler", Handle<SchedulerHandlers>((handlers, context) => handlers.ReadAsync(context)));
        routes.MapPost("/v1/host/scheduler", Handle<SchedulerHandlers>((handlers, context) => handlers.ChooseAsync(context)));
        routes.MapGet("/v1/domains/{ref}/scheduler", Handle<SchedulerHandlers>((handlers, context) => handlers.ReadDomainAsync(context)));
        routes.MapPost("/v1/domains/{ref}/scheduler", Change<SchedulerHandlers>((handlers, context) => handlers.WriteDomainAsync(context)));
        routes.MapPost("/v1/domains/{ref}/vcpu-pin", Change<SchedulerHandlers>((handlers, context) => handlers.PinAsync(context)));
        routes.MapGet("/v1/status", Handle<HostHandlers>((handlers, context) => handlers.StatusAsync(context)));
        routes.MapGet("/v1/plugins", Handle<HostHandlers>((handlers, context) => handlers.PluginsAsync(context)));
        routes.MapPost("/v1/stop", Handle<HostHandlers>((handlers, context) => handlers.StopAsync(context)));
        routes.MapPost(XmlRpc.XmlRpcHandlers.Path, Handle<XmlRpc.XmlRpcHandlers>((handlers, context) => handlers.CallAsync(context)));
        foreach ((string method, string route, Func<SecurityHandlers, HttpContext, Task> work) in SecurityHandlers.Routes)
            routes.MapMethods(route, [method], Handle(work));
        PolicyPages.Map(routes);
        Sxp.SxpHandlers.Map(routes);
        routes.MapFallback((RequestDelegate)(static context =>
            throw XendException.Generic($"There is nothing at {context.Request.Method} {context.Request.Path} in xend's API version 1.")));
    }

    private static void MapDomains(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/domains", Handle<DomainHandlers>((handlers, context) => handlers.ListAsync(context)));
        routes.MapPost("/v1/domains", Handle<DomainHandlers>((handlers, context) => handlers.CreateAsync(context)));
        routes.MapGet("/v1/domains/sxp", Handle<DomainHandlers>((handlers, context) => handlers.FormsAsync(context)));
        routes.MapGet("/v1/domains/{ref}", Handle<DomainHandlers>((handlers, context) => handlers.FindAsync(context)));
        routes.MapGet("/v1/domains/{ref}/sxp", Handle<DomainHandlers>((handlers, context) => handlers.FormAsync(context)));
        routes.MapGet("/v1/domains/{ref}/vcpus", Handle<DomainHandlers>((handlers, context) => handlers.VcpusAsync(context)));
        routes.MapGet("/v1/domains/{ref}/engine", Handle<DomainOperations>(static async (domains, context) => await context.WriteJsonAsync(
            await domains.EngineCountersAsync(context.DomainReference(), context.RequestAborted), ApiJson.Default.EngineCounters)));
        routes.MapGet("/v1/domains/{ref}/console", Handle<DomainHandlers>((handlers, context) => handlers.ConsoleAsync(context)));
    }

    private static void MapVerbs(IEndpointRouteBuilder routes)
    {
        Verb(routes, "unpause", static (domains, reference, context) => domains.UnpauseAsync(reference, context.RequestAborted));
        Verb(routes, "pause", static (domains, reference, context) => domains.PauseAsync(reference, context.RequestAborted));

        // Taking a domain away is not given up halfway because the person who asked has gone.
        Verb(routes, "destroy", static (domains, reference, _) => domains.DestroyAsync(reference, CancellationToken.None));
        Verb(routes, "wait-for-devices", static (domains, reference, context) => domains.WaitForDevicesAsync(reference, context.RequestAborted));
        Verb(routes, "shutdown", ApiJson.Default.Shutdown, static (domains, reference, body, cancellation) =>
            domains.ShutdownAsync(reference, body?.Reason ?? "poweroff", cancellation));
        Verb(routes, "sysrq", ApiJson.Default.Sysrq, static (domains, reference, body, cancellation) =>
            domains.SysrqAsync(reference, body?.Key ?? throw Missing("key"), cancellation));
        Verb(routes, "trigger", ApiJson.Default.Trigger, static (domains, reference, body, cancellation) =>
            domains.TriggerAsync(reference, body?.Name ?? throw Missing("name"), body.Vcpu, cancellation));
    }

    private static void MapManaged(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/managed-domains", Handle<ManagedHandlers>((handlers, context) => handlers.ListAsync(context)));
        routes.MapPost("/v1/managed-domains", Handle<ManagedHandlers>((handlers, context) => handlers.NewAsync(context)));
        foreach ((string verb, Func<ManagedHandlers, HttpContext, Task> work) in ManagedHandlers.Verbs)
            routes.MapPost($"/v1/domains/{{ref}}/{verb}", Handle(work));
    }

    private static void MapDevices(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/domains/{ref}/devices/{class}", Handle<DeviceHandlers>((handlers, context) => handlers.ListAsync(context)));
        routes.MapPost("/v1/domains/{ref}/device-attach", Change<DeviceHandlers>((handlers, context) => handlers.AttachAsync(context)));
        routes.MapPost("/v1/domains/{ref}/device-configure", Change<DeviceHandlers>((handlers, context) => handlers.ConfigureAsync(context)));
        Verb(routes, "device-detach", ApiJson.Default.DeviceDetach, static (domains, reference, body, cancellation) => domains.DetachDeviceAsync(
            reference, body?.Class ?? throw Missing("class"), body.Device ?? throw Missing("device"), body.Force != 0, cancellation));
    }

    private static void Verb(IEndpointRouteBuilder routes, string verb, Func<DomainOperations, string, HttpContext, Task> work) =>
        routes.MapPost($"/v1/domains/{{ref}}/{verb}", Handle<DomainOperations>(async (domains, context) =>
        {
            string reference = context.DomainReference();
            await ChangeAsync(context, () => work(domains, reference, context));
            await context.WriteDoneAsync();
        }));

    private static void Verb<TBody>(
        IEndpointRouteBuilder routes,
        string verb,
        JsonTypeInfo<TBody> bodyType,
        Func<DomainOperations, string, TBody?, CancellationToken, Task> work)
        where TBody : class =>
        Verb(routes, verb, async (domains, reference, context) =>
            await work(domains, reference, await context.ReadBodyAsync(bodyType), context.RequestAborted));

    private static RequestDelegate Handle<THandlers>(Func<THandlers, HttpContext, Task> handler)
        where THandlers : notnull =>
        context => handler(context.RequestServices.GetRequiredService<THandlers>(), context);

    /// <summary>As <see cref="Handle"/>; if the domain is managed, what has become of its configuration is stored.</summary>
    private static RequestDelegate Change<THandlers>(Func<THandlers, HttpContext, Task> handler)
        where THandlers : notnull =>
        context => ChangeAsync(context, () => handler(context.RequestServices.GetRequiredService<THandlers>(), context));

    private static Task ChangeAsync(HttpContext context, Func<Task> work) =>
        context.RequestServices.GetRequiredService<ManagedOperations>().ChangeAsync(context.DomainReference(), work);

    internal static XendException Missing(string field) => XendException.Generic($"The request's JSON body needs a field \"{field}\".");
}
