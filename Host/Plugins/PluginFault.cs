namespace Hospes.Host.Plugins;

/// <summary>One thing that is wrong with <c>plugins.json</c> or a plugin it names.</summary>
/// <param name="Place">Where: <c>plugins.json:3:17</c>, a file, a type.</param>
/// <param name="Message">What, why, and what to do.</param>
/// <param name="IsFatal">The host cannot start with it; otherwise only the plugin or export is refused.</param>
internal sealed record PluginFault(string Place, string Message, bool IsFatal)
{
    /// <summary>Place and message.</summary>
    public override string ToString() => $"{Place}: {Message}";
}
