using Hospes.Host.Native;
using Hospes.Host.Plugins;
using Hospes.Host.Verbs;

namespace Hospes.Host;

/// <summary>
/// The one executable: control plane, domain process and their small tools, told apart by the first word. Each verb is a class of its own, so that a
/// domain process never loads the web server's assemblies.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        // Plain streams: the runtime's own console would switch the terminal's cursor keys, for which nothing here has a use.
        Console.SetOut(new StreamWriter(new PlainStream(1)) { AutoFlush = true });
        Console.SetError(new StreamWriter(new PlainStream(2)) { AutoFlush = true });
        try
        {
            string verb = arguments.Length == 0 ? "help" : arguments[0];
            string[] words = arguments.Length == 0 ? [] : arguments[1..];
            return verb switch
            {
                "daemon" => await DaemonVerb.RunAsync(words),
                "domain" => DomainVerb.Run(words),
                SpareVerb.Name => SpareVerb.Run(words),
                "config" => ConfigVerb.Run(words),
                "files" => FilesVerb.Run(words),
                "man" => ManVerb.Run(words),
                "status" => await StatusVerb.RunAsync(words),
                "image" => ImageVerb.Run(words),
                "perf" => await PerfVerb.RunAsync(words),
                "plugins" => PluginsVerb.Run(words),
                "scheduler" => await SchedulerVerb.RunAsync(words),
                "xend" => await XendVerb.RunAsync(words),
                "version" or "--version" => VersionVerb.Run(),
                "help" or "--help" or "-h" => HelpVerb.Run(),
                _ => throw new UsageException($"there is no verb '{verb}'"),
            };
        }
        catch (UsageException wrong)
        {
            await Console.Error.WriteLineAsync($"Error: {wrong.Message}. 'hospes-host help' lists what there is.");
            return 2;
        }
        catch (PluginCatalogException faulty)
        {
            await Console.Error.WriteLineAsync($"Error: {faulty.Message}");
            return 1;
        }
        catch (XendException refused)
        {
            await Console.Error.WriteLineAsync(refused.Code == XendError.InvalidDomain ? $"Error: Domain '{refused.Message}' does not exist." : $"Error: {refused.Message}");
            return 1;
        }
        catch (IOException failure)
        {
            await Console.Error.WriteLineAsync($"Error: {failure.Message}");
            return 1;
        }
    }
}
