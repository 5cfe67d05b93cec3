namespace Hospes.Host.Native;

/// <summary>How to start this program again: by its own executable when that stands beside its assembly, else by the .NET host.</summary>
internal static class HostExecutable
{
    /// <summary>The executable, and all arguments with the program's name first.</summary>
    /// <exception cref="IOException">Neither can be found.</exception>
    public static (string Path, string[] Arguments) Command(params ReadOnlySpan<string> arguments)
    {
        string assembly = typeof(HostExecutable).Assembly.Location;
        string own = Path.ChangeExtension(assembly, null);
        if (File.Exists(own))
            return (own, [own, .. arguments]);
        string dotnet = Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? Environment.ProcessPath ?? "";
        if (!string.Equals(Path.GetFileName(dotnet), "dotnet", StringComparison.Ordinal))
            throw new IOException($"neither {own} nor the .NET host that runs {assembly} can be found");
        return (dotnet, [dotnet, assembly, .. arguments]);
    }
}
