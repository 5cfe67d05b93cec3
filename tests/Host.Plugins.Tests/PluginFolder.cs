using System.Reflection;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Schedulers;

namespace Hospes.Host.Plugins;

/// <summary>A folder with a <c>plugins.json</c> and plugins, of which a good set is there from the start.</summary>
public sealed class PluginFolder : IDisposable
{
    private static int _serial;
    private readonly List<string> _entries = [];

    public PluginFolder()
    {
        Root = Directory.CreateTempSubdirectory("hospes-plugins-").FullName;
        // Assembly names of its own: what an earlier test loaded may not be collected yet.
        Prefix = $"Emitted{Interlocked.Increment(ref _serial)}";
    }

    public string Root { get; }

    public string Prefix { get; }

    public string File => Path.Combine(Root, "plugins.json");

    internal PluginCatalogOptions Options { get; set; } = new() { Guard = new PluginGuardOptions { Timeout = TimeSpan.FromSeconds(60) } };

    /// <summary>Engine, scheduler and console that work.</summary>
    internal PluginFolder WithGood()
    {
        Add(new EmittedPlugin($"{Prefix}.Good")
            .Export<ExecutionEngineAttribute>("good-engine")
            .Export<SchedulerAttribute>("good-scheduler")
            .Export<ConsoleBackendAttribute>("good-console"));
        return this;
    }

    /// <summary>Saves a plugin and lists it.</summary>
    internal string Add(EmittedPlugin plugin, string settings = "{}", string folder = "plugins")
    {
        string path = plugin.Save(Path.Combine(Root, folder));
        List(Path.GetRelativePath(Root, path), settings);
        return path;
    }

    /// <summary>Lists an assembly.</summary>
    internal void List(string assembly, string settings = "{}") => _entries.Add($$"""{ "assembly": "{{assembly}}", "settings": {{settings}} }""");

    /// <summary>Writes plugins.json and loads everything.</summary>
    internal PluginCatalog Load(string engine = "auto", string scheduler = "good-scheduler", string console = "good-console")
    {
        WriteText($$"""
            { "plugins": [
                {{string.Join(",\n    ", _entries)}}
              ],
              "engine": "{{engine}}", "scheduler": "{{scheduler}}", "console": "{{console}}" }
            """);
        return PluginCatalog.Load(File, Options);
    }

    internal void WriteText(string json) => System.IO.File.WriteAllText(File, json);

    /// <summary>Where the build put one of our own plugins.</summary>
    internal static string Built(string assembly) => typeof(PluginFolder).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == assembly).Value!;

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
