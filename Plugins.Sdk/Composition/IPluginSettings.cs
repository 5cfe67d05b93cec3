using System.Text.Json;

namespace Hospes.Sdk.Composition;

/// <summary>
/// An optional ability of an export: it takes settings from <c>plugins.json</c>. Called once, after construction and before any other member,
/// on the host's start-up thread.
/// </summary>
public interface IPluginSettings
{
    /// <summary>Names of the settings this export understands; anything else in <c>plugins.json</c> is reported as unknown.</summary>
    IReadOnlyCollection<string> KnownSettings { get; }

    /// <summary>Takes the settings given under this export's name; an empty object when there are none.</summary>
    /// <exception cref="FormatException">A value is not usable; the message names the setting, the value and what is allowed.</exception>
    void Configure(JsonElement settings);
}
