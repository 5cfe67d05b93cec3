using System.ComponentModel;
using System.Diagnostics;

namespace Hospes.Host.Networks;

/// <summary>
/// Scripts that somebody has put into <c>/etc/xen/scripts</c>, run with Xen's environment and arguments (fact sheet "xend", section 6), within a time, their
/// standard error shown when they fail.
/// </summary>
internal sealed class ScriptFolder(string folder, HostPaths paths, TimeSpan limit)
{
    private const int MostShown = 2000;

    /// <summary>Where a script of a name stands.</summary>
    public string PathOf(string name) => Path.GetFullPath(name, folder);

    /// <summary>The script's path.</summary>
    /// <exception cref="XendException">There is none that can be run; the message says what there is.</exception>
    public string Find(string name, IReadOnlyList<string> plugins)
    {
        string path = PathOf(name);
        if (!path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw XendException.Generic($"script {name} is not in {folder}: only scripts there are run.");
        if (!File.Exists(path))
            throw XendException.Generic($"script {name} is neither a plugin (there is {string.Join(", ", plugins)}) nor a file in {folder}.");
        const UnixFileMode run = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        return (File.GetUnixFileMode(path) & run) != 0 ? path : throw XendException.Generic($"script {path} is not executable: chmod +x {path}");
    }

    /// <summary>Runs a vif script for an interface.</summary>
    /// <exception cref="XendException">It failed; the message has its standard error.</exception>
    public Task RunVifAsync(ScriptLine script, string word, string vif, string backPath, CancellationToken cancellation) => RunAsync(script, word,
    [
        ("XENBUS_PATH", backPath["/local/domain/0/".Length..]), // relative to dom0's home, as xend gives it
        ("XENBUS_TYPE", "vif"),
        ("XENBUS_BASE_PATH", "backend"),
        ("vif", vif),
        ("script", PathOf(script.Name)),
    ], cancellation);

    /// <summary>Runs a block script for a disk.</summary>
    /// <exception cref="XendException">It failed; the message has its standard error.</exception>
    public Task RunBlockAsync(ScriptLine script, string word, string backPath, CancellationToken cancellation) => RunAsync(script, word,
    [
        ("XENBUS_PATH", backPath["/local/domain/0/".Length..]),
        ("XENBUS_TYPE", "vbd"),
        ("XENBUS_BASE_PATH", "backend"),
        ("script", PathOf(script.Name)),
    ], cancellation);

    /// <summary>Runs a script.</summary>
    /// <exception cref="XendException">It failed; the message has its standard error.</exception>
    public async Task RunAsync(ScriptLine script, string word, (string Name, string Value)[] environment, CancellationToken cancellation)
    {
        string path = Find(script.Name, []);
        ProcessStartInfo start = new(path, [word, .. script.Words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["ACTION"] = word;
        start.Environment["XENSTORED_RUNDIR"] = paths.XenstoreRun;
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["HOSPES_ROOT"] = paths.Root;
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        try
        {
            using Process process = Process.Start(start) ?? throw XendException.Generic($"script {path} did not start");
            process.StandardInput.Close();
            Task<string> output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            Task<string> errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            end.CancelAfter(limit);
            try
            {
                await process.WaitForExitAsync(end.Token);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellation.ThrowIfCancellationRequested();
                throw XendException.Generic($"script {path} {word} has not ended within {limit.TotalSeconds:0.#} s and was killed.");
            }

            if (process.ExitCode != 0)
                throw XendException.Generic($"script {path} {word} failed with status {process.ExitCode}: {Shown(await errors, await output)}");
        }
        catch (Win32Exception failure)
        {
            throw XendException.Generic($"script {path} cannot be run: {failure.Message}", failure);
        }
    }

    private static string Shown(string errors, string output)
    {
        string said = errors.Trim().Length != 0 ? errors.Trim() : output.Trim();
        return said.Length == 0 ? "it said nothing" : said.Length <= MostShown ? said : $"{said[..MostShown]}...";
    }
}
