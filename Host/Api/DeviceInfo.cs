namespace Hospes.Host.Api;

/// <summary>A device as API clients see it (fact sheet "xm", section 9). Numbers that are not known are -1.</summary>
internal sealed record DeviceInfo
{
    /// <summary>Its number.</summary>
    public required int Id { get; init; }

    /// <summary>The class its back-end goes by: vbd, tap, vif.</summary>
    public required string Class { get; init; }

    /// <summary>What a person called it.</summary>
    public required string Name { get; init; }

    /// <summary>The domain that serves it.</summary>
    public required int BackendId { get; init; }

    /// <summary>The front-end's handle.</summary>
    public required int Handle { get; init; }

    /// <summary>The front-end's state.</summary>
    public required int State { get; init; }

    /// <summary>The back-end's directory.</summary>
    public required string BackendPath { get; init; }

    /// <summary>The front-end's nodes.</summary>
    public required IReadOnlyDictionary<string, string> Front { get; init; }

    /// <summary>The back-end's nodes.</summary>
    public required IReadOnlyDictionary<string, string> Back { get; init; }
}
