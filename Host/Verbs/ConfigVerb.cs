using System.Text;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.State;
using Hospes.Sxp;

namespace Hospes.Host.Verbs;

/// <summary><c>config</c>: what xend-config.sxp says; <c>config set NAME VALUE</c> changes one parameter of it and nothing else, comments included.</summary>
internal static class ConfigVerb
{
    public static int Run(string[] words)
    {
        VerbArguments arguments = new(words, ["--root"], []);
        string path = arguments.Paths().ConfigurationFile;
        switch (arguments.Plain)
        {
            case []:
                XendConfiguration configuration = XendConfiguration.Read(path);
                foreach ((string parameter, string shown) in configuration.Shown)
                    Console.WriteLine($"{parameter,-38}: {(shown.Length == 0 ? "(none)" : shown)}");
                foreach (string warning in configuration.Warnings)
                    Console.Error.WriteLine($"Warning: {warning}");
                return 0;
            case ["set", var name, var value]:
                XendParameter known = XendParameters.Find(name) ?? throw XendException.Generic(
                    $"There is no parameter '{name}'{Plugins.NearestName.Hint(name, [.. XendParameters.All.Select(static parameter => parameter.Name)])}");
                string before = File.Exists(path) ? File.ReadAllText(path) : "";
                string after = XendConfigurationText.Set(before, name, known.Kind == XendParameterKind.Form ? SxpParser.ParseForm(value) : (SxpNode)value);
                XendConfiguration.Parse(after, path); // what could not be read again is not written
                Write(path, after);
                Console.WriteLine("xend reload applies it.");
                return 0;
            default:
                throw new UsageException("config takes nothing, or 'set NAME VALUE'");
        }
    }

    // Whoever could read the file can read it afterwards.
    private static void Write(string path, string text)
    {
        UnixFileMode mode = File.Exists(path) ? File.GetUnixFileMode(path) : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        AtomicFile.Replace(new StateFiles(), path, Encoding.UTF8.GetBytes(text));
        File.SetUnixFileMode(path, mode);
    }
}
