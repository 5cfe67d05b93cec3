using System.Diagnostics;
using System.Globalization;

namespace Hospes.Integration.Support;

/// <summary>
/// A real appliance on a root of its own below /tmp, driven as people do: by the built programs. A class fixture, or started by a test; disposing
/// ends it and fails when anything of it is left.
/// </summary>
public sealed class Appliance : IAsyncLifetime
{
    private static readonly TimeSpan BootLimit = TimeSpan.FromMinutes(3);

    /// <summary>Everything of this appliance lies below it. Short: Unix socket paths end at 107 bytes.</summary>
    public string Root { get; } = Directory.CreateTempSubdirectory("hospes-it-").FullName;

    /// <summary>Directories of domains, one for each that exists.</summary>
    public string Domains => Path.Combine(Root, "var/run/xend/domains");

    public async Task InitializeAsync() => (await HostAsync("xend", "start")).Succeeded();

    public async Task DisposeAsync()
    {
        Answer stop = await HostAsync("xend", "stop", "--destroy-domains");
        int[] left = await ProcessesAfterAsync(TimeSpan.FromSeconds(10));
        foreach (int pid in left)
            System.Diagnostics.Process.GetProcessById(pid).Kill();
        string log = Log();
        Directory.Delete(Root, recursive: true);
        stop.Succeeded();
        left.Should().BeEmpty($"xend stop --destroy-domains leaves no process; the log says: {log}");
    }

    internal Task<Answer> HostAsync(params IEnumerable<string> words) => Program.RunAsync(Command(Tree.Host, words));

    /// <summary>Runs xm.</summary>
    internal Task<Answer> XmAsync(params IEnumerable<string> words) => Program.RunAsync(Command(Tree.Xm, words));

    /// <summary>Runs one of Debian's xenstore tools on this appliance's store, over its socket; skips the test when they are not installed.</summary>
    internal Task<Answer> XenstoreAsync(string tool, params IEnumerable<string> words)
    {
        Skip.IfNot(Program.IsInstalled(tool), $"{tool} (package xenstore-utils) is not installed");
        return Program.RunAsync(Command(tool, words));
    }

    internal ProcessStartInfo Command(string program, params IEnumerable<string> words)
    {
        ProcessStartInfo command = Program.Command(program, words);
        command.Environment["HOSPES_ROOT"] = Root;
        command.Environment["XENSTORED_RUNDIR"] = Path.Combine(Root, "var/run/xenstored");
        return command;
    }

    /// <summary>Writes a configuration file and answers its path.</summary>
    internal string Write(GuestConfiguration configuration)
    {
        string path = Path.Combine(Root, $"{configuration.Name}.cfg");
        File.WriteAllText(path, configuration.ToString());
        return path;
    }

    /// <summary>Creates a guest and waits for the first line of its user land.</summary>
    internal async Task BootAsync(GuestConfiguration configuration, string line = "hospes: init is up")
    {
        (await XmAsync("create", Write(configuration))).Succeeded();
        await ConsoleSaysAsync(configuration.Name, line);
    }

    /// <summary>Waits until a guest's console log has a text so many times.</summary>
    internal async Task ConsoleSaysAsync(string name, string text, int times = 1) =>
        await Eventually.HoldsAsync(
            $"{name} says '{text}' {times} times", () => Count(Console(name), text) >= times, BootLimit,
            () => $"Its console: {Console(name)}\nxend.log: {Log()}");

    /// <summary>All a guest of this name has written to its console.</summary>
    internal string Console(string name) => Read($"var/log/xen/console/guest-{name}.log");

    internal string Log() => Read("var/log/xen/xend.log");

    internal async Task<int> DomidAsync(string name) =>
        int.Parse((await XmAsync("domid", name)).Succeeded().Output, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    /// <summary>The process of a domain.</summary>
    internal int ProcessOf(int domid) =>
        int.Parse(File.ReadAllText(Path.Combine(Domains, $"{domid}", "pid")), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);

    /// <summary>Names that xm list shows, without dom0's.</summary>
    internal async Task<string[]> GuestsAsync() =>
        [.. (await XmAsync("list")).Succeeded().Lines.Skip(1).Select(static line => line.Split(' ')[0]).Where(static name => name != "Domain-0")];

    /// <summary>Fails unless no guest is left anywhere: not listed, no process, no directory, nothing in the store.</summary>
    internal async Task HasNoGuestAsync()
    {
        string[] guests = await GuestsAsync();
        for (Stopwatch clock = Stopwatch.StartNew(); guests.Length > 0 && clock.Elapsed < TimeSpan.FromSeconds(10); guests = await GuestsAsync())
            await Task.Delay(50);
        guests.Should().BeEmpty($"nobody is left; {Log()}");
        await Eventually.HoldsAsync(
            "domains leave no files", () => !Directory.EnumerateFileSystemEntries(Domains).Any(), TimeSpan.FromSeconds(10),
            () => string.Join(' ', Directory.EnumerateFileSystemEntries(Domains, "*", SearchOption.AllDirectories)));
        Processes("domain").Should().BeEmpty("a domain's process goes with it");
        if (!Program.IsInstalled("xenstore-list"))
            return;
        (await XenstoreAsync("xenstore-list", "-s", "/local/domain")).Succeeded().Lines.Should().Equal("0");
        (await XenstoreAsync("xenstore-list", "-s", "/vm")).Succeeded().Lines.Should().Equal("00000000-0000-0000-0000-000000000000");
    }

    /// <summary>Processes of this appliance, told by its root in their command lines; of one verb, or of all.</summary>
    internal int[] Processes(string? verb = null) =>
        [.. from directory in Directory.EnumerateDirectories("/proc")
            let name = Path.GetFileName(directory)
            where name.All(char.IsAsciiDigit)
            let words = CommandLine(name)
            where words.Any(word => word.StartsWith(Root, StringComparison.Ordinal)) && words.Any(static word => word.Contains("Hospes.Host", StringComparison.Ordinal))
            where verb is null || words.Contains(verb, StringComparer.Ordinal)
            select int.Parse(name, CultureInfo.InvariantCulture)];

    private static string[] CommandLine(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;

    private async Task<int[]> ProcessesAfterAsync(TimeSpan limit)
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (Processes().Length > 0 && clock.Elapsed < limit)
            await Task.Delay(50);
        return Processes();
    }

    private string Read(string path)
    {
        string full = Path.Combine(Root, path);
        if (!File.Exists(full))
            return "";
        using StreamReader reader = new(new FileStream(full, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Replace("\r", "", StringComparison.Ordinal);
    }
}
