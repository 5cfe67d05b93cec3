using System.Reflection;
using System.Text.Json;
using Hospes.Sdk.Composition;

namespace Hospes.Host.Plugins;

/// <summary>Loads plugins that have been found good, and makes and configures their exports: the first moment that their code runs.</summary>
internal sealed class PluginActivator(PluginCatalogOptions options)
{
    private static readonly PluginOperation Making = new("be made");
    private static readonly PluginOperation Configuring = new("take its settings") { Answers = [typeof(FormatException)] };

    /// <summary>Everything that is wrong is noted in the candidate and its exports.</summary>
    internal void Activate(PluginCandidate candidate)
    {
        try
        {
            candidate.Container = new PluginContainer(candidate.Entry.Path, options.IsUnloadable);
            Dictionary<PluginExport, Type> types = candidate.Exports.Where(export => export.IsUsable)
                .Select(export => (export, type: TypeOf(candidate.Container, export)))
                .Where(found => found.type is not null).ToDictionary(found => found.export, found => found.type!);
            if (!options.AreKnownGood)
                candidate.Container.CheckTypes();
            candidate.Container.Compose(types.Values, options.LoggerFactory);
            foreach ((PluginExport export, Type type) in types)
                Prepare(candidate, export, type);
        }
        catch (ReflectionTypeLoadException fault)
        {
            foreach (string cause in fault.LoaderExceptions.OfType<Exception>().Select(cause => cause.Message).Distinct(StringComparer.Ordinal))
                candidate.Refuse($"cannot be loaded: {cause}");
        }
        catch (Exception fault) when (fault is BadImageFormatException or IOException or TypeLoadException)
        {
            candidate.Refuse($"cannot be loaded: {fault.Message}");
        }
    }

    private static Type? TypeOf(PluginContainer container, PluginExport export)
    {
        ExportMetadata metadata = export.Metadata;
        Type type = container.Find(metadata.Type);
        string? fault = !metadata.Contract.IsAssignableFrom(type) ? $"declares {metadata.Description} and does not implement {metadata.Contract.Name}"
            : type.IsAbstract || type.ContainsGenericParameters ? $"declares {metadata.Description} and cannot be made, being abstract or generic"
            : null;
        if (fault is null)
            return type;
        export.Refuse(fault);
        return null;
    }

    private void Prepare(PluginCandidate candidate, PluginExport export, Type type)
    {
        LocatedMember? settings = candidate.Entry.Settings.FirstOrDefault(member => member.Name == export.Metadata.Name);
        export.Factory = () => Make(candidate, export, type, settings);
        if (!options.Wants(export.Metadata.Contract))
            return;
        try
        {
            export.Instance = export.Factory();
        }
        catch (PluginFailureException fault)
        {
            export.Refuse($"{fault.Message} ({Root(fault).GetType().Name})");
        }
        catch (PluginSettingsException fault)
        {
            export.Faults.AddRange(fault.Faults);
        }
    }

    private static object Make(PluginCandidate candidate, PluginExport export, Type type, LocatedMember? settings)
    {
        object made = export.Guard.Call(Making, () => candidate.Container!.Make(type));
        try
        {
            Configure(export, made, settings);
            return made;
        }
        catch
        {
            (made as IDisposable)?.Dispose();
            throw;
        }
    }

    private static void Configure(PluginExport export, object made, LocatedMember? settings)
    {
        if (made is not IPluginSettings configurable)
        {
            if (settings is { Value.Members.Count: > 0 })
                throw new PluginSettingsException([Fault(settings.Place, $"{export.Metadata.Description} takes no settings")]);
            return;
        }
        IReadOnlyCollection<string> known = export.Guard.Call(Configuring, () => configurable.KnownSettings);
        PluginFault[] unknown = settings is null ? [] : [.. settings.Value.Members.Where(member => !known.Contains(member.Name, StringComparer.Ordinal))
            .Select(member => Fault(member.Place, $"{export.Metadata.Description} has no setting '{member.Name}'{NearestName.Hint(member.Name, known)}"))];
        if (unknown.Length > 0)
            throw new PluginSettingsException(unknown);
        try
        {
            export.Guard.Call(Configuring, () =>
            {
                configurable.Configure(settings?.Value.Element ?? JsonDocument.Parse("{}").RootElement);
                return true;
            });
        }
        catch (FormatException fault)
        {
            throw new PluginSettingsException([Fault(settings?.Place ?? export.Place, $"{export.Metadata.Description} refuses its settings: {fault.Message}")]);
        }
    }

    private static Exception Root(Exception fault) => fault.InnerException is { } inner ? Root(inner) : fault;

    private static PluginFault Fault(string place, string why) => new(place, why, IsFatal: false);
}
