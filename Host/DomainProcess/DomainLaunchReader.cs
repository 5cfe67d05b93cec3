using System.Text.Json;
using Hospes.Hypervisor.Domains;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// Reads <c>config.json</c> field by field, as <see cref="Control.ControlJson"/> writes it: its own reader would compile two hundred methods for the one
/// time that a domain's process needs it, and a person waits for that.
/// </summary>
internal static class DomainLaunchReader
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="XendException">It is not a domain's configuration.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static DomainLaunch Read(string path)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Launch(document.RootElement);
        }
        catch (Exception wrong) when (wrong is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw XendException.Generic($"{path} is not a domain's configuration: {wrong.Message}", wrong);
        }
    }

    private static DomainLaunch Launch(JsonElement launch) => new()
    {
        Domain = Domain(launch.GetProperty("domain")),
        PluginsFile = Text(launch, "pluginsFile"),
        ConsoleSocket = Text(launch, "consoleSocket"),
        ConsoleLog = Text(launch, "consoleLog"),
    };

    private static DomainConfiguration Domain(JsonElement domain) => new()
    {
        DomainId = domain.GetProperty("domainId").GetUInt16(),
        Name = Text(domain, "name"),
        Uuid = Guid.Parse(Text(domain, "uuid")),
        Kind = (DomainKind)Enum.Parse(typeof(DomainKind), Text(domain, "kind")),
        Kernel = Text(domain, "kernel"),
        Ramdisk = domain.TryGetProperty("ramdisk", out JsonElement ramdisk) ? ramdisk.GetString() : null,
        CommandLine = Text(domain, "commandLine"),
        MemoryMiB = Number(domain, "memoryMiB"),
        MaximumMemoryMiB = Number(domain, "maximumMemoryMiB"),
        Vcpus = Number(domain, "vcpus"),
        WallClockOffset = domain.TryGetProperty("wallClockOffset", out JsonElement offset) ? offset.GetInt32() : 0,
        Engine = Text(domain, "engine"),
        Console = Text(domain, "console"),
        ConsoleHistoryBytes = Number(domain, "consoleHistoryBytes"),
    };

    private static string Text(JsonElement from, string name) => from.GetProperty(name).GetString() ?? throw new JsonException($"{name} is nothing");

    private static int Number(JsonElement from, string name) => from.GetProperty(name).GetInt32();
}
