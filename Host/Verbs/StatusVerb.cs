using System.Globalization;
using System.Text.Json;
using Hospes.Host.Api;
using Hospes.Host.Startup;

namespace Hospes.Host.Verbs;

/// <summary><c>status</c>: how the appliance is, and what it runs. Status 3: it does not run.</summary>
internal static class StatusVerb
{
    private const int NotRunning = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(string[] words)
    {
        VerbArguments arguments = new(words, ["--root"], ["--json"]);
        HostPaths paths = arguments.Paths();
        bool json = arguments.Has("--json");
        if (ApplianceLock.FindOwner(paths) is null)
        {
            Console.WriteLine(json ? """{"state":"stopped"}""" : $"xend is not running on {paths.Root}");
            return NotRunning;
        }

        string answer = await ApiCall.SendAsync(paths, "v1/status", null, Patience);
        if (json)
        {
            Console.WriteLine(answer);
            return 0;
        }

        Bodies.Status status = JsonSerializer.Deserialize(answer, ApiJson.Default.Status)!;
        Row("xend", $"running as process {status.Pid} on {status.Root}, version {status.Version}");
        Row("up for", TimeSpan.FromSeconds(status.Uptime).ToString(status.Uptime >= 86400 ? @"d\ \d\a\y\(\s\)\ h\:mm\:ss" : @"h\:mm\:ss", CultureInfo.InvariantCulture));
        Row("engine", status.Engine);
        Row("scheduler", status.Scheduler);
        Row("memory", $"{status.FreeMemoryMiB} of {status.TotalMemoryMiB} MiB free");
        Row("guests", string.Create(CultureInfo.InvariantCulture, $"{status.Domains.Count(static domain => domain.Domid > 0)} running, {status.Domains.Count(static domain => domain.Managed)} managed"));
        foreach (DomainInfo domain in status.Domains)
            Row("", $"{domain.Name} ({(domain.Domid is { } domid ? domid.ToString(CultureInfo.InvariantCulture) : "-")}) {(domain.State.Length == 0 ? "halted" : domain.State)} {domain.MemoryMiB} MiB");
        foreach (PluginStatus plugin in status.Plugins)
            Row("plugin", $"{plugin.Assembly}: {plugin.State}{(plugin.Exports.Count == 0 ? "" : $" ({string.Join(", ", plugin.Exports)})")}");
        return 0;
    }

    private static void Row(string what, string text) => Console.WriteLine($"{what,-10} {text}");
}
