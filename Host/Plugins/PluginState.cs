using System.Text.Json.Serialization;

namespace Hospes.Host.Plugins;

/// <summary>What became of a plugin or an export.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PluginState>))]
internal enum PluginState
{
    /// <summary>Found good, not needed in this process.</summary>
    Found,

    /// <summary>Made and ready.</summary>
    Loaded,

    /// <summary>Not used; the reasons say why.</summary>
    Refused,
}
