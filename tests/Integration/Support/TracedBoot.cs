using System.Globalization;
using System.Text.RegularExpressions;

namespace Hospes.Integration.Support;

/// <summary>
/// A stock kernel booted to its shell, where it adds a file up, and ended from there: in one process, by tests/GuestTrace, with the engine's habits
/// as the test wants them.
/// </summary>
internal sealed partial class TracedBoot
{
    private const string TourIsOver = "hospes: tour is over";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    private readonly string _console;
    private readonly string _counters;

    private TracedBoot(Answer answer)
    {
        _console = answer.Output.Replace("\r", "", StringComparison.Ordinal);
        _counters = answer.Error;
        _console.Should().Contain(TourIsOver).And.Contain("reboot: System halted");
        _counters.Should().Contain("[shutdown: PowerOff]");
    }

    /// <summary>What kernel and init have said, sorted: parts of a kernel start side by side. Without times, and without lines that are about times.</summary>
    public string[] Lines =>
        [.. _console[.._console.IndexOf(TourIsOver, StringComparison.Ordinal)].Split('\n').Select(static line => Time().Replace(line, ""))
            .Where(static line => !AboutTime().IsMatch(line)).Order(StringComparer.Ordinal)];

    /// <summary>What the shell's command has answered.</summary>
    public string Sum => Digest().Match(_console).Value;

    public static async Task<TracedBoot> RunAsync(params (string Name, string Value)[] settings)
    {
        var command = Program.Command(Tool(), Tree.CloudKernel, Tree.Initrd, "256", "console=hvc0 hospes.tour");
        foreach (string name in command.Environment.Keys.Where(static name => name.StartsWith("GUEST_TRACE_", StringComparison.Ordinal)).ToArray())
            command.Environment.Remove(name);
        command.Environment["GUEST_TRACE_TYPE"] = "sha256sum /bin/busybox\npoweroff -f\n";
        foreach ((string name, string value) in settings)
            command.Environment[name] = value;
        return new TracedBoot((await Program.RunAsync(command, Limit)).Succeeded());
    }

    /// <summary>One of the engine's counters at the end; null: it has none of this name.</summary>
    public long? Counter(string name) =>
        Regex.Match(_counters, $@"^\[{Regex.Escape(name)}: (\d+)\]$", RegexOptions.Multiline, TimeSpan.FromSeconds(1)) is { Success: true } match
            ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)
            : null;

    // Built beside these tests, in the same configuration.
    private static string Tool() =>
        Path.Combine(AppContext.BaseDirectory.Replace("/tests/Integration/", "/tests/GuestTrace/", StringComparison.Ordinal), "Hospes.GuestTrace");

    [GeneratedRegex(@"^\[ *\d+\.\d+\] ", RegexOptions.None, 1000)]
    private static partial Regex Time();

    // Of the last four a slow or busy host has more than another.
    [GeneratedRegex("^audit: |^sched_clock: Marking stable|^tour: free memory|hrtimer: interrupt took|^clocksource: .*(?:skew|unstable|watchdog)|hogged CPU|^random: crng", RegexOptions.None, 1000)]
    private static partial Regex AboutTime();

    [GeneratedRegex("^[0-9a-f]{64}  /bin/busybox$", RegexOptions.Multiline, 1000)]
    private static partial Regex Digest();
}
