namespace Hospes.Host.Native;

/// <summary>How to start a process that outlives this one: own session, own standard files, no descriptor inherited but those named.</summary>
/// <param name="Path">The executable.</param>
/// <param name="Arguments">All arguments, the program's name first.</param>
/// <param name="OutputPath">A file to which standard output and error are appended; made with mode 0640.</param>
internal sealed record ProcessStart(string Path, IReadOnlyList<string> Arguments, string OutputPath)
{
    /// <summary>Environment variables set (or, when null, removed) on top of this process's own.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>(StringComparer.Ordinal);

    /// <summary>Descriptors the process gets, numbered from 3 in this order.</summary>
    public IReadOnlyList<int> Inherited { get; init; } = [];
}
