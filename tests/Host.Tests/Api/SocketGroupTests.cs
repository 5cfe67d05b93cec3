using System.Diagnostics;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Api;

/// <summary>Who may use xend's sockets and guests' consoles: their owner, and the members of the configured group.</summary>
public sealed class SocketGroupTests
{
    private const int Nobody = 65534;

    [SkippableFact]
    public async Task Members_of_the_group_may_and_others_may_not()
    {
        Skip.IfNot(Environment.IsPrivilegedProcess, "only root can become others");
        Skip.IfNot(Installed.Has("python3"), "python3 is not installed");
        string[] group = File.ReadLines("/etc/group").Select(static line => line.Split(':')).First(static fields => fields[2] is not "0" and not "65534" && fields[3].Length == 0);
        await using Appliance appliance = await Appliance.StartAsync($"(xend-api-group {group[0]})\n");
        File.GetUnixFileMode(appliance.Paths.ApiSocket).Should().Be(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        for (string? above = appliance.Paths.Root; above is { Length: > 5 }; above = Path.GetDirectoryName(above))
            File.SetUnixFileMode(above, File.GetUnixFileMode(above) | UnixFileMode.OtherExecute);
        int domid = (int)(await appliance.CreateAsync(Appliance.Form("web", appliance.Kernel("k", "W"u8))))["domid"]!;
        string console = (string)(await appliance.GetAsync("v1/domains/web/console"))["socket"]!;
        foreach (string socket in (string[])[appliance.Paths.ApiSocket, appliance.Paths.XmlRpcSocket, console])
        {
            (await ConnectAsync(socket, int.Parse(group[2]))).Should().Be("connected", socket);
            (await ConnectAsync(socket, Nobody)).Should().Be("PermissionError", socket);
        }

        string control = Path.Combine(appliance.Paths.Domain((ushort)domid), DomainProcessLauncher.ControlSocketName);
        (await ConnectAsync(control, int.Parse(group[2]))).Should().Be("PermissionError", "a domain's process is its daemon's");

        // A daemon without the group takes it back from what it takes over.
        await appliance.StopDaemonAsync();
        await File.WriteAllTextAsync(appliance.Paths.ConfigurationFile, "");
        await appliance.StartDaemonAsync();
        foreach (string socket in (string[])[appliance.Paths.ApiSocket, console])
            (await ConnectAsync(socket, int.Parse(group[2]))).Should().Be("PermissionError", socket);
    }

    private static async Task<string> ConnectAsync(string socket, int group)
    {
        const string client = """
            import os, socket, sys
            os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(65534)
            try:
                socket.socket(socket.AF_UNIX).connect(sys.argv[1]); print('connected')
            except OSError as error:
                print(type(error).__name__)
            """;
        using Process python = Process.Start(new ProcessStartInfo("python3") { RedirectStandardOutput = true, ArgumentList = { "-c", client, socket, $"{group}" } })!;
        string output = await python.StandardOutput.ReadToEndAsync();
        await python.WaitForExitAsync();
        return output.Trim();
    }
}
