using System.Text.Json;
using Hospes.Host.Domains;
using Hospes.Host.Managed;

namespace Hospes.Host.Api;

/// <summary>
/// GET events: a JSON object on a line of its own for whatever happens to domains, until the client goes. Looked for several times a second; what comes
/// and goes between two looks is told too, as far as it leaves a trace. States that come and go with a guest's work (r, b) are not told.
/// </summary>
internal sealed class EventHandlers(DomainListing listing, KeptListing kept, TimeProvider clock, IHostApplicationLifetime life)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    public async Task FollowAsync(HttpContext context)
    {
        context.Response.ContentType = "application/x-ndjson";
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, life.ApplicationStopping);
        using PeriodicTimer timer = new(BetweenLooks, clock);
        Dictionary<string, DomainInfo> before = Look();
        await context.Response.Body.FlushAsync(end.Token); // the head: from now on nothing is missed
        try
        {
            while (await timer.WaitForNextTickAsync(end.Token))
            {
                Dictionary<string, DomainInfo> now = Look();
                foreach (DomainEvent happened in Differences(before, now))
                    await context.Response.WriteAsync(JsonSerializer.Serialize(happened, ApiJson.Default.DomainEvent) + "\n", end.Token);
                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // The client has gone, or xend goes.
        }
    }

    /// <summary>What must have happened between two looks.</summary>
    internal IEnumerable<DomainEvent> Differences(IReadOnlyDictionary<string, DomainInfo> before, IReadOnlyDictionary<string, DomainInfo> now)
    {
        foreach (DomainInfo was in before.Values)
        {
            DomainInfo? domain = now.GetValueOrDefault(was.Uuid);
            if (was.Domid is not null && was.Domid != domain?.Domid)
                yield return Event("destroyed", was);
            if (was.Managed && domain is not { Managed: true })
                yield return Event("deleted", was);
        }

        foreach (DomainInfo domain in now.Values)
        {
            DomainInfo? was = before.GetValueOrDefault(domain.Uuid);
            if (domain.Managed && was is not { Managed: true })
                yield return Event("new", domain);
            if (was is not null && was.Name != domain.Name)
                yield return Event("renamed", domain);
            if (domain.Domid is not null && was?.Domid != domain.Domid)
                yield return Event("created", domain);
            else if (was is not null && domain.Domid is not null && Lasting(was.State) != Lasting(domain.State))
                yield return Event("state", domain);
        }
    }

    private static string Lasting(string state) => state.Length < 2 ? state : state[2..];

    private DomainEvent Event(string kind, DomainInfo domain) => new(
        clock.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ssZ"), kind, domain.Name, domain.Uuid, domain.Domid, domain.Domid is null ? null : domain.State);

    private Dictionary<string, DomainInfo> Look() => kept.Select(listing.All(), "all").DistinctBy(static domain => domain.Uuid).ToDictionary(static domain => domain.Uuid, StringComparer.Ordinal);
}
