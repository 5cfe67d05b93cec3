using Hospes.Host.Startup;

namespace Hospes.Host.Verbs;

/// <summary><c>daemon</c>: the control plane, in the foreground until it is told to stop.</summary>
internal static class DaemonVerb
{
    public static async Task<int> RunAsync(string[] words)
    {
        VerbArguments arguments = new(words, ["--root", "--plugins"], ["--background", "--verbose"]);
        if (arguments.Plain.FirstOrDefault(static word => !BootOptions.IsOption(word)) is { } stray)
            throw new UsageException($"daemon takes options and words like sched=NAME, not '{stray}'");
        DaemonOptions options = new(
            arguments.Paths(), arguments.PluginsFile(), arguments.Has("--background"), arguments.Has("--verbose"), new BootOptions(arguments.Plain));
        try
        {
            options.Paths.Create();
        }
        catch (UnauthorizedAccessException refused)
        {
            throw XendException.Generic(
                $"{refused.Message} The root {options.Paths.Root} is not writable for this user: choose another with --root or HOSPES_ROOT, or be root.", refused);
        }

        using ApplianceLock running = ApplianceLock.Take(options.Paths);
        await using WebApplication daemon = Daemon.Build(options);
        await daemon.RunAsync();
        return 0;
    }
}
