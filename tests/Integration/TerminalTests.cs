using System.Diagnostics;
using System.Text;
using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>A person at a terminal: util-linux's script(1) gives the pseudo-terminal.</summary>
public sealed class TerminalTests(Appliance appliance) : IClassFixture<Appliance>
{
    [SkippableFact]
    public async Task Create_with_a_console_ends_at_the_guests_shell_and_gives_the_terminal_back()
    {
        Skip.IfNot(Program.IsInstalled("script"), "script (package bsdutils) is not installed");
        string path = appliance.Write(new GuestConfiguration("shell"));
        ProcessStartInfo command = appliance.Command("script", "-qec", $"stty -a; '{Tree.Xm}' create -c '{path}'; echo status=$?; stty -a", "/dev/null");
        using Process terminal = Process.Start(command)!;
        StringBuilder seen = new();
        await SeesAsync(terminal, seen, "guest:/root#");
        await terminal.StandardInput.WriteAsync("cat /sys/hypervisor/type\n");
        await terminal.StandardInput.FlushAsync();
        await SeesAsync(terminal, seen, "\nxen");
        await terminal.StandardInput.WriteAsync("\x1d");
        await terminal.StandardInput.FlushAsync();
        await SeesAsync(terminal, seen, "status=0");
        string rest = await terminal.StandardOutput.ReadToEndAsync();
        seen.Append(rest);

        string[] modes = [.. seen.ToString().Replace("\r", "", StringComparison.Ordinal).Split('\n').Where(static line => line.Contains(" icanon", StringComparison.Ordinal))];
        modes.Should().HaveCount(2, "the terminal is in line mode before and after; all that was seen: {0}", seen);
        modes[1].Should().Be(modes[0]);
        (await appliance.GuestsAsync()).Should().Equal("shell");
        (await appliance.XmAsync("destroy", "shell")).Succeeded();
        await appliance.HasNoGuestAsync();
    }

    private static async Task SeesAsync(Process terminal, StringBuilder seen, string text)
    {
        using CancellationTokenSource limit = new(Program.Limit);
        char[] buffer = new char[4096];
        while (!seen.ToString().Contains(text, StringComparison.Ordinal))
        {
            int count = await terminal.StandardOutput.ReadAsync(buffer, limit.Token);
            count.Should().BePositive($"the terminal was to show '{text}'; it showed {seen}");
            seen.Append(buffer, 0, count);
        }
    }
}
