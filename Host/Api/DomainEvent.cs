namespace Hospes.Host.Api;

/// <summary>Something that has happened to a domain.</summary>
/// <param name="Time">When, as in 2026-11-23T14:05:06Z.</param>
/// <param name="Kind">What: created, renamed, state, destroyed, new or deleted.</param>
/// <param name="Name">The domain's name.</param>
/// <param name="Uuid">Its identity.</param>
/// <param name="Domid">Its number, if it runs.</param>
/// <param name="State">Its state, if it runs.</param>
internal sealed record DomainEvent(string Time, string Kind, string Name, string Uuid, int? Domid, string? State);
