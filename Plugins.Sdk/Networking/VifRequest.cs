namespace Hospes.Sdk.Networking;

/// <summary>One guest interface.</summary>
public sealed record VifRequest
{
    /// <summary>Where and for whom, with the arguments of the script's own line.</summary>
    public required NetworkRequest Network { get; init; }

    /// <summary>The dom0 end's name, such as <c>vif3.0</c>.</summary>
    public required string Interface { get; init; }

    /// <summary>Whose it is.</summary>
    public required DomainId Domain { get; init; }

    /// <summary>The domain's name, by which other guests may know it.</summary>
    public required string DomainName { get; init; }

    /// <summary>Which of the domain's interfaces: 0 for the first.</summary>
    public required int Handle { get; init; }

    /// <summary>The guest's address on the wire.</summary>
    public required MacAddress Mac { get; init; }

    /// <summary>The bridge that was asked for, or null.</summary>
    public string? Bridge { get; init; }

    /// <summary>The addresses that the guest may use (<c>ip=</c>); empty: not restricted.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];
}
