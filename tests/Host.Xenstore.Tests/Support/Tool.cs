using System.Diagnostics;

namespace Hospes.Host.Xenstore.Tests.Support;

/// <summary>Runs one of Debian's xenstore tools against a store under test.</summary>
internal static class Tool
{
    public static string? Find(string name) =>
        new[] { "/usr/bin", "/usr/sbin" }.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);

    public static Process Start(Store store, string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Find(name)!, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["XENSTORED_PATH"] = store.SocketPath;
        return Process.Start(start)!;
    }

    public static async Task<(int Exit, string Output, string Error)> Run(Store store, string name, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var process = Start(store, name, arguments);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await error);
        }
        finally
        {
            if (!process.HasExited)
                process.Kill();
        }
    }
}
