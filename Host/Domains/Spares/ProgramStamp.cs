using Hospes.Host.Native;

namespace Hospes.Host.Domains.Spares;

/// <summary>Which files a domain's process is made of, and how they are: two stamps are equal when a process of one would be that of the other.</summary>
internal sealed record ProgramStamp
{
    private readonly string _files;

    private ProgramStamp(string files) => _files = files;

    /// <summary>How they are now.</summary>
    /// <param name="pluginFiles">The file that names the plugins, and their assemblies.</param>
    public static ProgramStamp Now(IEnumerable<string> pluginFiles) => new(string.Join('\n', pluginFiles
        .Append(typeof(ProgramStamp).Assembly.Location)
        .Append(HostExecutable.Command().Path)
        .Select(static path => $"{path} {FileIdentity.Of(path)}")));
}
