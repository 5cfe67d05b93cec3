using System.Text.Json;
using Hospes.Host.Plugins;
using Hospes.Host.Startup;

namespace Hospes.Host.Verbs;

/// <summary><c>plugins</c>: loads every plugin and says what was found and what is wrong. Status 1 when the appliance could not start with them.</summary>
internal static class PluginsVerb
{
    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, ["--root", "--plugins"], ["--json"]);
        using PluginCatalog catalog = PluginCatalog.Load(arguments.PluginsFile());
        if (arguments.Has("--json"))
            Console.WriteLine(JsonSerializer.Serialize(catalog.Reports, AppliancePlugins.PluginReportJson.Default.IReadOnlyListPluginReport));
        else
            Print(catalog);
        foreach (PluginFault fault in catalog.Faults)
            Console.Error.WriteLine($"{(fault.IsFatal ? "Error" : "Warning")}: {fault}");
        return catalog.IsUsable ? 0 : 1;
    }

    private static void Print(PluginCatalog catalog)
    {
        const string row = "{0,-18} {1,-18} {2,-9} {3}";
        Console.WriteLine(row, "Contract", "Name", "State", "Plugin");
        foreach (PluginReport plugin in catalog.Reports)
        {
            string source = $"{plugin.Assembly} {plugin.Version}".TrimEnd();
            if (plugin.Exports.Count == 0)
                Console.WriteLine(row, "-", "-", Word(plugin.State), source);
            foreach (ExportReport export in plugin.Exports)
                Console.WriteLine(row, export.Contract, export.Name, Word(export.State), source);
        }
    }

    private static string Word(PluginState state) => state.ToString().ToLowerInvariant();
}
