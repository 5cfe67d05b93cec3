using Hospes.Sdk.Engines;

namespace Hospes.Host.Plugins;

/// <summary>Chooses the engine that runs a domain.</summary>
internal static class EngineSelector
{
    private static readonly PluginOperation Probing = new("say whether it can run here") { IsSafeToRepeat = true };

    /// <summary>
    /// The engine of this name; with <see cref="PluginsFile.AutomaticEngine"/>, the first in the order of <c>plugins.json</c> that can run here.
    /// </summary>
    /// <exception cref="KeyNotFoundException">There is no engine of this name.</exception>
    /// <exception cref="InvalidOperationException">It, or none of all, can run here; the message says why.</exception>
    internal static EngineSelection Select(PluginCatalog catalog, string name)
    {
        List<string> refusals = [];
        foreach (string candidate in name == PluginsFile.AutomaticEngine ? catalog.Names<IExecutionEngine>() : [name])
        {
            try
            {
                IExecutionEngine engine = catalog.Get<IExecutionEngine>(candidate);
                EngineAvailability availability = catalog.Guard<IExecutionEngine>(candidate).Call(Probing, engine.Probe);
                if (availability.IsAvailable)
                    return new EngineSelection(candidate, engine, availability.Detail);
                refusals.Add($"{candidate}: {availability.Detail}");
            }
            catch (PluginFailureException failure)
            {
                refusals.Add($"{candidate}: {failure.Message}");
            }
        }
        throw new InvalidOperationException($"no engine can run guests on this host ({string.Join("; ", refusals)})");
    }
}
