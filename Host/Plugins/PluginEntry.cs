namespace Hospes.Host.Plugins;

/// <summary>One item of <c>plugins</c>.</summary>
/// <param name="Assembly">The path as written.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="Place">Where the path is written.</param>
/// <param name="Settings">The settings' member for each export's name; their values are objects.</param>
internal sealed record PluginEntry(string Assembly, string Path, string Place, IReadOnlyList<LocatedMember> Settings);
