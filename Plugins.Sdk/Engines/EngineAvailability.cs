namespace Hospes.Sdk.Engines;

/// <summary>Whether an engine can run on this host, and why not or how well.</summary>
/// <param name="IsAvailable">True when guests can run.</param>
/// <param name="Detail">One sentence for a person: the reason when unavailable, else what was found.</param>
public readonly record struct EngineAvailability(bool IsAvailable, string Detail);
