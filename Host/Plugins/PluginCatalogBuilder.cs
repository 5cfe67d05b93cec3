namespace Hospes.Host.Plugins;

/// <summary>From <c>plugins.json</c> to a catalog: read, inspect, compare, load, choose. Each step goes on with what the one before left good.</summary>
internal sealed class PluginCatalogBuilder(PluginCatalogOptions options)
{
    private readonly List<PluginFault> _faults = [];

    internal PluginCatalog Build(string path)
    {
        PluginsFile file = PluginsFileReader.Read(path, _faults);
        var inspector = new PluginInspector(options);
        PluginCandidate[] candidates = [.. file.Plugins.Select(inspector.Inspect)];
        RefuseDuplicateAssemblies(candidates);
        RefuseDuplicateNames(candidates);
        var activator = new PluginActivator(options);
        foreach (PluginCandidate candidate in candidates.Where(candidate => IsGood(candidate) && IsWanted(candidate)))
            activator.Activate(candidate);
        CheckSettingNames(candidates);
        foreach (PluginCandidate candidate in candidates)
        {
            _faults.AddRange(candidate.Faults);
            _faults.AddRange(candidate.Exports.SelectMany(export => export.Faults));
        }
        foreach (PluginChoice choice in file.Choices.Where(choice => options.Wants(choice.Contract)))
            CheckChoice(choice, candidates, Path.GetFullPath(path));
        return new PluginCatalog(file, candidates, _faults);
    }

    private static bool IsGood(PluginCandidate candidate) => candidate.Faults.Count == 0;

    private bool IsWanted(PluginCandidate candidate) => !options.AreKnownGood || candidate.Exports.Any(export => options.Wants(export.Metadata.Contract));

    private static void RefuseDuplicateAssemblies(PluginCandidate[] candidates)
    {
        for (int index = 0; index < candidates.Length; index++)
        {
            PluginCandidate candidate = candidates[index];
            PluginCandidate? samePath = candidates.Take(index).FirstOrDefault(other => other.Entry.Path == candidate.Entry.Path);
            PluginCandidate? sameName = candidates.Take(index).FirstOrDefault(other =>
                other.Metadata is not null && other.Metadata.Name.Name == candidate.Metadata?.Name.Name);
            if (samePath is not null)
                candidate.Refuse($"listed already at {samePath.Entry.Place}");
            else if (sameName is not null)
                candidate.Refuse($"an assembly of the same name, {candidate.Metadata!.Name.Name}, is listed at {sameName.Entry.Place}");
        }
    }

    // The first in plugins.json has the name; who comes later is told.
    private static void RefuseDuplicateNames(PluginCandidate[] candidates)
    {
        Dictionary<(Type, string), PluginExport> taken = [];
        foreach (PluginExport export in candidates.Where(IsGood).SelectMany(candidate => candidate.Exports).Where(export => export.IsUsable))
        {
            if (taken.TryAdd((export.Metadata.Contract, export.Metadata.Name), export))
                continue;
            PluginExport first = taken[(export.Metadata.Contract, export.Metadata.Name)];
            export.Refuse($"{export.Metadata.Description} is exported already by {first.Metadata.Type} of {first.Plugin.Entry.Assembly}");
        }
    }

    private void CheckSettingNames(PluginCandidate[] candidates)
    {
        foreach (PluginCandidate candidate in candidates.Where(candidate => candidate.Metadata is not null))
        {
            string[] names = [.. candidate.Exports.Select(export => export.Metadata.Name)];
            foreach (LocatedMember settings in candidate.Entry.Settings.Where(settings => !names.Contains(settings.Name, StringComparer.Ordinal)))
                _faults.Add(new PluginFault(settings.Place, $"plugin {candidate.Entry.Assembly} exports no '{settings.Name}'{NearestName.Hint(settings.Name, names)}", IsFatal: true));
        }
    }

    private void CheckChoice(PluginChoice choice, PluginCandidate[] candidates, string path)
    {
        PluginExport[] exports = [.. candidates.SelectMany(candidate => candidate.Exports).Where(export => export.Metadata.Contract == choice.Contract)];
        PluginExport[] usable = [.. exports.Where(export => export.IsUsable)];
        if (choice.Name == PluginsFile.AutomaticEngine ? usable.Length > 0 : Array.Exists(usable, export => export.Metadata.Name == choice.Name))
            return;
        string what = choice.Name == PluginsFile.AutomaticEngine ? $"no usable {choice.Key}" : $"no usable {choice.Key} '{choice.Name}'";
        string why = Array.Exists(exports, export => export.Metadata.Name == choice.Name || choice.Name == PluginsFile.AutomaticEngine)
            ? "; why it is refused stands above"
            : NearestName.Hint(choice.Name, [.. usable.Select(export => export.Metadata.Name)]);
        _faults.Add(new PluginFault(choice.Place ?? path, $"the plugins give {what}{why}", IsFatal: true));
    }
}
