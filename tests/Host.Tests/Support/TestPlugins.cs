using System.Reflection;
using System.Text.Json;

namespace Hospes.Host.Tests.Support;

/// <summary>A <c>plugins.json</c> that names the real schedulers, console and disks, and the engine that runs scripts.</summary>
internal static class TestPlugins
{
    /// <summary>The tree that this test was built in.</summary>
    public static string Repository => Metadata("Repository");

    public static string Json() => JsonSerializer.Serialize(Plugins([]));

    /// <summary>The same with the security module.</summary>
    public static string WithSecurity() => JsonSerializer.Serialize(new Dictionary<string, object>(Plugins([new { assembly = Assembly("Plugins.Security", "Hospes.Plugins.Security") }])) { ["security"] = "acm" });

    private static Dictionary<string, object> Plugins(object[] more) => new(StringComparer.Ordinal)
    {
        ["plugins"] = (object[])
        [
            new { assembly = Assembly("tests/ScriptedEngine", "Hospes.ScriptedEngine") },
            new { assembly = Assembly("Plugins.Schedulers", "Hospes.Plugins.Schedulers") },
            new { assembly = Assembly("Plugins.Consoles", "Hospes.Plugins.Consoles") },
            new { assembly = Assembly("Plugins.Storage", "Hospes.Plugins.Storage") },
            .. more,
        ],
        ["engine"] = "scripted",
        ["scheduler"] = "round-robin",
        ["console"] = "socket",
    };

    private static string Assembly(string project, string name)
    {
        string path = Path.Combine(Repository, project, "bin", Metadata("Configuration"), "net10.0", $"{name}.dll");
        return File.Exists(path) ? path : throw new FileNotFoundException("a plugin that the tests need has not been built", path);
    }

    private static string Metadata(string key) => typeof(TestPlugins).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .First(attribute => string.Equals(attribute.Key, key, StringComparison.Ordinal)).Value!;
}
