using System.Reflection;
using Hospes.Host.Startup;

namespace Hospes.Host.Verbs;

/// <summary>
/// <c>files DIR</c>: writes what a package of this program would install beside it: systemd units, SysV scripts with their settings, example
/// configurations. A file with settings that is there already stays.
/// </summary>
internal static class FilesVerb
{
    private const string Prefix = "services/";

    private static readonly (string Asset, string File, bool IsProgram, bool IsSettings)[] Files =
    [
        ("xend.init", "etc/init.d/xend", true, false),
        ("xendomains.init", "etc/init.d/xendomains", true, false),
        ("xendomains.config", "etc/default/xendomains", false, true),
        ("xend.service", "lib/systemd/system/xend.service", false, false),
        ("xendomains.service", "lib/systemd/system/xendomains.service", false, false),
    ];

    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, ["--host", "--xm"], []);
        if (arguments.Plain is not [var directory])
            throw new UsageException("files takes the directory to write to, and --host PROGRAM and --xm PROGRAM where these are elsewhere than here");
        string host = Path.GetFullPath(arguments.Value("--host") ?? Environment.ProcessPath!);
        string xm = Path.GetFullPath(arguments.Value("--xm") ?? Path.Combine(AppContext.BaseDirectory, "../Tools.Xm/Hospes.Tools.Xm"));
        foreach ((string asset, string name, bool isProgram, bool isSettings) in Files)
        {
            string file = Path.Combine(directory, name);
            if (isSettings && File.Exists(file))
                continue;
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, Text(asset).Replace("@HOST@", host, StringComparison.Ordinal).Replace("@XM@", xm, StringComparison.Ordinal)
                .Replace("@XENDOMAINS@", "/etc/init.d/xendomains", StringComparison.Ordinal));
            if (isProgram)
                File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        Directory.CreateDirectory(Path.Combine(directory, "etc/xen/auto"));
        ExampleFiles.Install(new HostPaths(directory));
        return 0;
    }

    private static string Text(string asset)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + asset)!;
        using StreamReader reader = new(stream);
        return reader.ReadToEnd();
    }
}
