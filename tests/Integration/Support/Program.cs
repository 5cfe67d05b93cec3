using System.Diagnostics;

namespace Hospes.Integration.Support;

/// <summary>Runs programs to their end, within a limit.</summary>
internal static class Program
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public static ProcessStartInfo Command(string program, params IEnumerable<string> arguments)
    {
        ProcessStartInfo command = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        // What the person who runs the tests has set must not decide their outcome.
        foreach (string name in (string[])["HOSPES_ROOT", "HOSPES_PLUGINS", "XM_SERVER", "XM_CONFIG_FILE"])
            command.Environment.Remove(name);
        command.Environment["HOSPES_PLUGINS"] = Path.Combine(Tree.Root, "out/plugins.json");
        return command;
    }

    public static async Task<Answer> RunAsync(ProcessStartInfo command, TimeSpan? limit = null)
    {
        using Process process = Process.Start(command)!;
        process.StandardInput.Close();
        return await EndAsync(process, limit);
    }

    /// <summary>Waits for the end of a program that was started with <see cref="Command"/>; one that does not end is killed and fails the test.</summary>
    public static async Task<Answer> EndAsync(Process process, TimeSpan? limit = null)
    {
        string text = $"{Path.GetFileName(process.StartInfo.FileName)} {string.Join(' ', process.StartInfo.ArgumentList)}";
        using CancellationTokenSource end = new(limit ?? Limit);
        Task<string> output = process.StandardOutput.ReadToEndAsync(end.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(end.Token);
        try
        {
            await process.WaitForExitAsync(end.Token);
            return new Answer(text, process.ExitCode, await output, await error);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"'{text}' has not ended within {limit ?? Limit}.");
        }
    }

    /// <summary>Whether a program is installed.</summary>
    public static bool IsInstalled(string name) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(directory => File.Exists(Path.Combine(directory, name)));
}
