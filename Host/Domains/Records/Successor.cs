namespace Hospes.Host.Domains.Records;

/// <summary>The next incarnation of a domain that restarts.</summary>
/// <param name="Configuration">What it is to be.</param>
/// <param name="Count">Restarts of the present incarnation.</param>
/// <param name="Last">When the last of these was.</param>
internal sealed record Successor(VmConfiguration Configuration, int Count, DateTimeOffset? Last)
{
    /// <summary>The history of the present incarnation.</summary>
    public RestartHistory Restarts => new(Count, Last);
}
