using System.Globalization;
using System.Text;

namespace Hospes.Engines.Translator.Native;

/// <summary>
/// Tells Linux's perf what emitted code is called: a line <c>START SIZE NAME</c>, the numbers in hexadecimal, for each piece
/// (tools/perf/Documentation/jit-interface.txt), in the file where perf looks for it, <c>/tmp/perf-PID.map</c>. It describes the code there is now: when
/// that is thrown away, it begins anew. A file that cannot be written costs the guest nothing. Used under its owner's lock.
/// </summary>
/// <example>
/// <code>
/// 7f6d2a4000c0 5b guest:1a3f+7c0 kernel
/// </code>
/// </example>
internal sealed class PerfMap : IDisposable
{
    /// <summary>The environment variable that asks for it when it is 1.</summary>
    internal const string Variable = "HOSPES_PERF_MAP";

    private FileStream? _file;

    private PerfMap(FileStream file) => _file = file;

    /// <summary>Where perf looks for this process's, if the environment asks for it; else null.</summary>
    internal static string? AskedFor() =>
        Environment.GetEnvironmentVariable(Variable) == "1" ? string.Create(CultureInfo.InvariantCulture, $"/tmp/perf-{Environment.ProcessId}.map") : null;

    /// <summary>Begins a map; null when none is wanted, or when it cannot be written, which standard error is told.</summary>
    internal static PerfMap? TryCreate(string? path)
    {
        if (path is null)
            return null;
        try
        {
            // Anybody can foresee the name and put a link there: what is there goes, and what is made must be new.
            File.Delete(path);
            return new PerfMap(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"perf map: {path} cannot be made, so perf will not name emitted code: {refused.Message}");
            return null;
        }
    }

    /// <summary>Names a piece of code.</summary>
    internal void Add(nint start, int size, string name)
    {
        try
        {
            _file?.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{start:x} {size:x} {name}\n")));
        }
        catch (IOException failure)
        {
            GiveUp(failure);
        }
    }

    /// <summary>There is none of the code any more.</summary>
    internal void Clear()
    {
        try
        {
            _file?.SetLength(0);
        }
        catch (IOException failure)
        {
            GiveUp(failure);
        }
    }

    /// <summary>The file stays: perf reads it when the process is gone.</summary>
    public void Dispose() => _file?.Dispose();

    private void GiveUp(IOException failure)
    {
        Console.Error.WriteLine($"perf map: {_file!.Name} cannot be written any more: {failure.Message}");
        _file.Dispose();
        _file = null;
    }
}
