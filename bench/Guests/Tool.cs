using System.Diagnostics;

namespace Hospes.Bench.Guests;

/// <summary>Runs other programs.</summary>
internal static class Tool
{
    /// <summary>A program about to be started, with its output kept from the person unless it is read.</summary>
    public static ProcessStartInfo Command(string program, params IEnumerable<string> arguments) => new(program, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        UseShellExecute = false,
    };

    /// <summary>Starts it; its standard input is empty.</summary>
    public static Process Start(ProcessStartInfo command)
    {
        try
        {
            Process process = Process.Start(command)!;
            process.StandardInput.Close();
            return process;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new BenchException($"{command.FileName} cannot be started: {missing.Message}. './hospes setup --bench' installs the peer.");
        }
    }

    /// <summary>Runs it to its end.</summary>
    /// <exception cref="BenchException">It answered anything but 0.</exception>
    public static Task RunAsync(ProcessStartInfo command, CancellationToken cancellation) => ReadAsync(command, cancellation);

    /// <summary>Runs it to its end.</summary>
    /// <returns>What it wrote to its standard output.</returns>
    /// <exception cref="BenchException">It answered anything but 0.</exception>
    public static async Task<string> ReadAsync(ProcessStartInfo command, CancellationToken cancellation)
    {
        using Process process = Start(command);
        Task<string> output = process.StandardOutput.ReadToEndAsync(cancellation);
        Task<string> error = process.StandardError.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);
        if (process.ExitCode != 0)
            throw new BenchException($"'{command.FileName} {string.Join(' ', command.ArgumentList)}' answered {process.ExitCode}: {await output}{await error}");
        return await output;
    }
}
