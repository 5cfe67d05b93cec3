using Hospes.Host.Domains.Processes;
using Hospes.Host.Native;
using Hospes.Host.Networks;
using Hospes.Host.Startup;
using Hospes.Linux.Networking;

namespace Hospes.Host.Verbs;

/// <summary>
/// <c>xend start|stop|restart|reload|status</c> (fact sheet "xend", section 1): start returns when all servers are listening and is content when they
/// already are; status answers 0 or 3; reload is a restart at which no guest does what it wants to at a stop. Unlike Xen's it works without root and says
/// what root would add.
/// </summary>
internal static class XendVerb
{
    private const string DestroyDomains = "--destroy-domains";
    private const string NetworkNamespaceOption = "--netns";
    private const int NotRunning = 3;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(string[] words)
    {
        VerbArguments arguments = new(words, ["--root", "--plugins", NetworkNamespaceOption], [DestroyDomains]);
        HostPaths paths = arguments.Paths();
        string[] boot = [.. arguments.Plain.Where(BootOptions.IsOption)];
        switch (arguments.Plain.Except(boot).ToArray())
        {
            case ["start"]:
                return await StartAsync(paths, arguments.PluginsFile(), arguments.Value(NetworkNamespaceOption), boot);
            case ["stop"]:
                int ended = await StopAsync(paths, arguments.Has(DestroyDomains), isReload: false);
                if (ended == 0 && !LeftDomain.Find(paths).Any())
                    ApplianceNamespace.Delete(paths);
                return ended;
            case ["restart"] or ["reload"]:
                int stopped = await StopAsync(paths, arguments.Has(DestroyDomains), arguments.Plain.Contains("reload", StringComparer.Ordinal));
                return stopped != 0 ? stopped : await StartAsync(paths, arguments.PluginsFile(), arguments.Value(NetworkNamespaceOption), boot);
            case ["status"]:
                int? owner = ApplianceLock.FindOwner(paths);
                Console.WriteLine(owner is null ? $"xend is not running on {paths.Root}" : $"xend is running on {paths.Root} as process {owner}");
                return owner is null ? NotRunning : 0;
            default:
                await Console.Error.WriteLineAsync("usage: xend {start|stop|restart|reload|status} [sched=NAME]");
                return 1;
        }
    }

    private static async Task<int> StartAsync(HostPaths paths, string plugins, string? networkNamespace, string[] boot)
    {
        if (ApplianceLock.FindOwner(paths) is not null)
            return 0;
        if (Libc.EffectiveUser() != 0)
        {
            Console.WriteLine(
                $"xend runs without root, with its state under {paths.Root}. Root would add: the system's own places (root /), kernels and images that only root may read, and more memory than user limits allow.");
        }

        try
        {
            paths.Create();
            ExampleFiles.Install(paths);
        }
        catch (UnauthorizedAccessException refused)
        {
            await Console.Error.WriteLineAsync(
                $"Error: {refused.Message} The root {paths.Root} is not writable for this user: choose another with --root or HOSPES_ROOT, or be root.");
            return 4;
        }

        long logged = File.Exists(paths.XendDebugLog) ? new FileInfo(paths.XendDebugLog).Length : 0;
        using NetworkNamespace? inside = ApplianceNamespace.Prepare(paths, networkNamespace);

        // Abstract sockets belong to their namespace, as does what is started from a thread that is in it.
        using NotifyListener listener = inside is null ? new NotifyListener() : inside.Run(static () => new NotifyListener());
        (string executable, string[] command) = HostExecutable.Command(["daemon", "--root", paths.Root, "--plugins", plugins, "--background", .. boot]);
        ProcessStart start = new(executable, command, paths.XendDebugLog)
        {
            Environment = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["NOTIFY_SOCKET"] = listener.Name,
                ["JOURNAL_STREAM"] = null,
            },
        };
        using ProcessHandle daemon = inside is null ? ProcessStarter.Start(start) : inside.Run(() => ProcessStarter.Start(start));
        using CancellationTokenSource limit = new(StartLimit);
        Task ready = listener.WaitReadyAsync(limit.Token);
        await Task.WhenAny(ready, daemon.Exited);
        if (ready.IsCompletedSuccessfully)
            return 0;
        if (!daemon.Exited.IsCompleted)
        {
            daemon.Signal(Libc.SignalKill);
            await daemon.Exited;
            await Console.Error.WriteLineAsync($"Error: xend did not come up within {StartLimit.TotalSeconds:0} s and was ended. See {paths.XendLog}.");
            return 1;
        }

        await Console.Error.WriteLineAsync($"Error: xend {await daemon.Exited} while it was starting. {paths.XendDebugLog} says:");
        await Console.Error.WriteAsync(ReadFrom(paths.XendDebugLog, logged));
        return 1;
    }

    private static async Task<int> StopAsync(HostPaths paths, bool destroyDomains, bool isReload)
    {
        if (ApplianceLock.FindOwner(paths) is not { } pid || ProcessHandle.TryOpen(pid) is not { } daemon)
        {
            if (destroyDomains)
            {
                foreach ((_, string directory) in LeftDomain.Find(paths))
                    await LeftDomain.EndAsync(directory);
            }

            return 0;
        }

        using (daemon)
        {
            if (destroyDomains || isReload)
                await ApiCall.SendAsync(paths, "v1/stop", destroyDomains ? """{"destroyDomains":true}""" : """{"reload":true}""", StopLimit);
            else
                daemon.Signal(Libc.SignalTerminate);
            try
            {
                await daemon.Exited.WaitAsync(StopLimit);
                return 0;
            }
            catch (TimeoutException)
            {
                await Console.Error.WriteLineAsync($"Error: xend (process {pid}) has not ended within {StopLimit.TotalSeconds:0} s. See {paths.XendLog}.");
                return 1;
            }
        }
    }

    private static string ReadFrom(string path, long offset)
    {
        using FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        file.Position = Math.Min(offset, file.Length);
        using StreamReader reader = new(file);
        return reader.ReadToEnd();
    }
}
