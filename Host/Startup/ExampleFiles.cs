using System.Reflection;
using Hospes.Host.Startup.Configuration;

namespace Hospes.Host.Startup;

/// <summary>The example configurations of the manual, for whoever starts an appliance on an empty root.</summary>
internal static class ExampleFiles
{
    private const string Prefix = "etc/xen/";

    /// <summary>Puts each beside the configuration files, unless a file of that name is there: somebody may have changed it.</summary>
    /// <exception cref="IOException">The directory has no room for it.</exception>
    /// <exception cref="UnauthorizedAccessException">The directory is not writable.</exception>
    public static void Install(HostPaths paths)
    {
        Directory.CreateDirectory(paths.Configuration);
        Assembly assembly = typeof(ExampleFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            string file = Path.Combine(paths.Configuration, name[Prefix.Length..]);
            if (File.Exists(file))
                continue;
            using Stream example = assembly.GetManifestResourceStream(name)!;
            using FileStream copy = new(file, FileMode.CreateNew);
            example.CopyTo(copy);
        }

        if (!File.Exists(paths.ConfigurationFile))
            File.WriteAllText(paths.ConfigurationFile, XendConfigurationExample.Text());
    }
}
