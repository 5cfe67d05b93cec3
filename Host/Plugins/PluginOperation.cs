namespace Hospes.Host.Plugins;

/// <summary>Something a plugin is asked to do.</summary>
/// <param name="Name">As in "could not ...": <c>open a console</c>.</param>
internal sealed record PluginOperation(string Name)
{
    /// <summary>Whether doing it twice does no harm, so that a failure may be followed by another try.</summary>
    internal bool IsSafeToRepeat { get; init; }

    /// <summary>
    /// The exceptions by which the contract answers; the caller gets them as they are, and they say nothing against the plugin.
    /// </summary>
    internal IReadOnlyList<Type> Answers { get; init; } = [];

    internal bool IsAnswer(Exception exception) => Answers.Any(answer => answer.IsInstanceOfType(exception));
}
