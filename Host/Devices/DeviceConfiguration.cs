using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Host.Devices;

/// <summary>A device as it was asked for.</summary>
internal sealed record DeviceConfiguration
{
    /// <summary>The class its back-end goes by: vbd, tap, vif.</summary>
    public required string BackendClass { get; init; }

    /// <summary>The class its front-end goes by: vbd, vif.</summary>
    public required string Class { get; init; }

    /// <summary>Its number; null: the next that is free.</summary>
    public required int? Id { get; init; }

    /// <summary>What a person called it, for messages: <c>xvda</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The form, complete with what was chosen for the person, for listings and for the next start of the domain.</summary>
    public required SxpList Form { get; init; }

    /// <summary>A value of the form.</summary>
    public string? Value(string key) => Form.ValueText(key);

    /// <summary>The same with a number.</summary>
    public DeviceConfiguration WithId(int id) => this with { Id = id, Name = Name.Length == 0 ? id.ToString(CultureInfo.InvariantCulture) : Name };
}
