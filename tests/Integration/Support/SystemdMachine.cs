using System.Diagnostics;
using System.Globalization;

namespace Hospes.Integration.Support;

/// <summary>
/// systemd as process 1 of namespaces of its own: processes, mounts, network, control groups. It sees this machine's files, but for its units, of which
/// there are the targets and those that the test brings, and cannot change the kernel's settings. Disposing ends it with all that it has started.
/// </summary>
internal sealed class SystemdMachine : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private const string SystemUnits = "/lib/systemd/system";

    // $1: the units; $2: the control group to be in, which is then the root of what systemd sees.
    private const string Script = """
        set -e
        mkdir "$2"
        echo $$ >"$2/cgroup.procs"
        exec unshare --mount --pid --fork --kill-child --net --cgroup --ipc --uts --mount-proc bash -c '
            set -e
            for directory in /run /sys/fs/cgroup /etc/systemd /usr/lib/systemd/system-generators; do mount -t tmpfs none $directory; done
            mount -t cgroup2 none /sys/fs/cgroup
            mount --bind "$1" /lib/systemd/system
            mount --bind /proc/sys /proc/sys
            mount -o remount,bind,ro /proc/sys
            exec env container=hospes /lib/systemd/systemd --system --unit=multi-user.target --log-target=console
        ' bash "$1"
        """;

    private readonly Process _outside;
    private readonly string _controlGroup;
    private readonly Task<Answer> _ended;
    private int _first;

    private SystemdMachine(Process outside, string controlGroup)
    {
        (_outside, _controlGroup) = (outside, controlGroup);
        _ended = Program.EndAsync(outside, TimeSpan.FromMinutes(10));
    }

    /// <summary>Starts one; skips the test where there is no systemd, or no right to such namespaces.</summary>
    /// <param name="units">A directory with the units to be tested, to which the targets are added.</param>
    public static async Task<SystemdMachine> StartAsync(string units)
    {
        Skip.IfNot(Environment.UserName == "root", "systemd as process 1 of namespaces of its own takes root");
        Skip.IfNot(File.Exists("/lib/systemd/systemd") && Program.IsInstalled("systemctl"), "systemd (package systemd, which ./hospes setup installs) is not there");
        string? groups = File.ReadLines("/proc/self/mounts").Select(static line => line.Split(' ')).FirstOrDefault(static mount => mount[2] == "cgroup2")?[1];
        Skip.If(groups is null, "there are no control groups of version 2 here, which systemd needs");
        foreach (string target in Directory.EnumerateFiles(SystemUnits, "*.target"))
            File.Copy(target, Path.Combine(units, Path.GetFileName(target)), overwrite: true);
        string group = Path.Combine(groups!, string.Create(CultureInfo.InvariantCulture, $"hospes-it-{Environment.ProcessId}"));
        SystemdMachine machine = new(Process.Start(Program.Command("bash", "-c", Script, "bash", units, group))!, group);
        try
        {
            await machine.WaitAsync();
            return machine;
        }
        catch
        {
            await machine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program inside.</summary>
    public Task<Answer> RunAsync(params string[] words) =>
        Program.RunAsync(Program.Command("nsenter", ["--target", _first.ToString(CultureInfo.InvariantCulture), "--all", .. words]));

    /// <summary>Runs systemctl.</summary>
    public Task<Answer> ControlAsync(params string[] words) => RunAsync(["systemctl", "--no-pager", .. words]);

    /// <summary>A property of a unit.</summary>
    public async Task<string> PropertyAsync(string unit, string name) => (await ControlAsync("show", "--value", "--property", name, unit)).Succeeded().Output.Trim();

    public async ValueTask DisposeAsync()
    {
        if (!_outside.HasExited)
            _outside.Kill(); // unshare, which takes process 1 with it, and that all others
        await _ended;
        _outside.Dispose();
        string[] groups = Directory.Exists(_controlGroup) ? [_controlGroup, .. Directory.GetDirectories(_controlGroup, "*", SearchOption.AllDirectories)] : [];
        foreach (string group in groups.OrderByDescending(static path => path.Length))
            await Eventually.HoldsAsync($"{group} is empty", () => TryRemove(group), TimeSpan.FromSeconds(30), static () => "");
    }

    private static bool TryRemove(string group)
    {
        try
        {
            Directory.Delete(group);
            return true;
        }
        catch (IOException)
        {
            return false; // a process there has not ended quite yet
        }
    }

    private async Task WaitAsync()
    {
        for (Stopwatch clock = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            if (_ended.IsCompleted)
                Skip.If(true, $"systemd cannot run in namespaces here: {(await _ended).Error}");
            string children = $"/proc/{_outside.Id}/task/{_outside.Id}/children";
            if (File.Exists(children) && int.TryParse((await File.ReadAllTextAsync(children)).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out _first)
                && (await ControlAsync("is-active", "multi-user.target")).Output.Trim() == "active")
                return;
            Skip.If(clock.Elapsed > StartLimit, $"systemd has not come up in namespaces here within {StartLimit.TotalSeconds} s");
        }
    }
}
