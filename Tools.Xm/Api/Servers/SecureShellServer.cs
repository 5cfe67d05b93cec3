using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Hospes.Xm.Api.Servers;

/// <summary>xend on another machine, reached by having ssh run <c>xm serve</c> there; ssh asks the person for what it needs to know.</summary>
internal sealed class SecureShellServer(string program, string target, int? port) : XendServer
{
    private const int MostExplanation = 4096;

    public override string ConsoleHint(string domain) => $"run 'ssh -t {string.Join(' ', Destination)} xm console {domain}'";

    private IEnumerable<string> Destination => port is { } number ? ["-p", number.ToString(CultureInfo.InvariantCulture), target] : [target];

    /// <summary>From <c>ssh://[user@]host[:port]/</c>.</summary>
    public static SecureShellServer? Parse(Uri uri, Func<string, string?> variable)
    {
        string target = uri.UserInfo.Length == 0 ? uri.DnsSafeHost : $"{Uri.UnescapeDataString(uri.UserInfo)}@{uri.DnsSafeHost}";

        // What begins with a dash would be an option to ssh.
        if (target.StartsWith('-'))
            return null;
        string program = (variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries)
            .Select(static directory => Path.Combine(directory, "ssh")).FirstOrDefault(File.Exists) ?? "ssh";
        return new SecureShellServer(program, target, uri.Port > 0 ? uri.Port : null);
    }

    public override ServerConnection Connect()
    {
        ProcessStartInfo start = new(program, ["-T", .. Destination, "xm", "serve"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process shell;
        try
        {
            shell = Process.Start(start)!;
        }
        catch (Win32Exception failure)
        {
            throw new XendUnreachableException($"ssh cannot be run: {failure.Message}; it is in the package openssh-client", false, failure);
        }

        StringBuilder said = new();
        shell.ErrorDataReceived += (_, line) =>
        {
            lock (said)
            {
                if (line.Data is { } text && said.Length < MostExplanation)
                    said.Append(said.Length == 0 ? "" : " / ").Append(text.Trim());
            }
        };
        shell.BeginErrorReadLine();
        return new ServerConnection(new ProcessStream(shell), () => Abort(shell), () => Explain(shell, target, said));
    }

    private static string Explain(Process shell, string target, StringBuilder said)
    {
        shell.WaitForExit(); // it has closed its output; what it has said is complete then
        lock (said)
            return said.Length == 0 ? $"ssh to {target} ended with status {shell.ExitCode}" : $"{target}: {said}";
    }

    private static void Abort(Process shell)
    {
        try
        {
            shell.Kill();
        }
        catch (InvalidOperationException)
        {
            // It has ended, or was never there: nothing is left to give up.
        }
    }
}
