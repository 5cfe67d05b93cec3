using System.Reflection;
using System.Text.RegularExpressions;
using Hospes.Sdk.Composition;

namespace Hospes.Host.Plugins;

/// <summary>Judges a plugin by its file alone: nothing of it is loaded, none of its code runs.</summary>
internal sealed partial class PluginInspector(PluginCatalogOptions options)
{
    /// <summary>Everything that is wrong is noted in the candidate.</summary>
    internal PluginCandidate Inspect(PluginEntry entry)
    {
        var candidate = new PluginCandidate(entry);
        if (ReadMetadata(candidate) is not { } metadata)
            return candidate;
        candidate.Metadata = metadata;
        candidate.Exports = [.. metadata.Exports.Select(export => new PluginExport(export, candidate, new PluginGuard(export.Description, options.Guard)))];
        CheckContract(candidate, metadata);
        CheckNames(candidate);
        if (!options.AreKnownGood)
            CheckDependencies(candidate, metadata);
        return candidate;
    }

    private static PluginMetadata? ReadMetadata(PluginCandidate candidate)
    {
        string path = candidate.Entry.Path;
        try
        {
            if (!File.Exists(path))
                candidate.Refuse(Directory.Exists(path) ? $"{path} is a folder, not a file" : $"there is no file {path}; is it built?");
            else
                return PluginMetadataReader.Read(path);
        }
        catch (BadImageFormatException fault)
        {
            candidate.Refuse($"not a .NET assembly: {fault.Message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            candidate.Refuse($"cannot be read: {fault.Message}");
        }
        return null;
    }

    private static void CheckContract(PluginCandidate candidate, PluginMetadata metadata)
    {
        if (metadata.ContractVersion is null)
            candidate.Refuse("not a plugin: it does not say [assembly: PluginContract(SdkContract.Version)]");
        else if (metadata.ContractVersion != SdkContract.Version)
            candidate.Refuse($"built against contract version {metadata.ContractVersion}, and this host has version {SdkContract.Version}; get or build it for this host");
        else if (metadata.Exports.Count == 0)
            candidate.Refuse("exports nothing: no class in it has an attribute such as [Scheduler(\"name\")]");
    }

    private static void CheckNames(PluginCandidate candidate)
    {
        foreach (PluginExport export in candidate.Exports)
        {
            if (!ExportName().IsMatch(export.Metadata.Name ?? ""))
                export.Refuse($"the export's name '{export.Metadata.Name}' is not made of a-z, 0-9 and - . _ :");
        }
    }

    private static void CheckDependencies(PluginCandidate candidate, PluginMetadata metadata)
    {
        PluginDependencies dependencies;
        try
        {
            dependencies = new PluginDependencies(candidate.Entry.Path);
        }
        catch (InvalidOperationException fault)
        {
            candidate.Refuse($"its dependencies cannot be resolved: {fault.Message.Trim()}");
            return;
        }
        HashSet<string> shared = [.. SharedAssemblies.Types.Select(type => type.Assembly.GetName().Name!)];
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var open = new Queue<(string Needer, AssemblyName Needed)>(metadata.References.Select(needed => (metadata.Name.Name!, needed)));
        while (open.TryDequeue(out (string Needer, AssemblyName Needed) next))
        {
            (string needer, AssemblyName needed) = next;
            if (!seen.Add(needed.Name!) || shared.Contains(needed.Name!))
                continue;
            if (dependencies.Find(needed) is { } path)
                Enqueue(candidate, open, needed.Name!, path);
            else if (!SharedAssemblies.IsRuntime(needed))
                candidate.Refuse($"{needer} needs {needed.Name} {needed.Version}, which is neither beside the plugin nor part of .NET");
        }
    }

    private static void Enqueue(PluginCandidate candidate, Queue<(string Needer, AssemblyName Needed)> open, string needer, string path)
    {
        try
        {
            foreach (AssemblyName needed in PluginMetadataReader.References(path))
                open.Enqueue((needer, needed));
        }
        catch (Exception fault) when (fault is BadImageFormatException or IOException or UnauthorizedAccessException)
        {
            candidate.Refuse($"its dependency {path} cannot be read: {fault.Message}");
        }
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9._:-]*$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ExportName();
}
