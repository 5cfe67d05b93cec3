namespace Hospes.Host.Startup;

/// <summary>
/// Words for the hypervisor as Xen takes them on its boot line, here on the command line of <c>daemon</c> and <c>xend start</c> (fact sheet "Build and
/// boot options", section 2).
/// </summary>
/// <param name="Words">As they were given.</param>
internal sealed record BootOptions(IReadOnlyList<string> Words)
{
    private const string SchedulerKey = "sched=";
    private const string SecurityKey = "ssidref=";

    /// <summary>The scheduler that was asked for, or null. As in Xen the last word counts.</summary>
    public string? Scheduler => Words.LastOrDefault(static word => word.StartsWith(SchedulerKey, StringComparison.Ordinal))?[SchedulerKey.Length..];

    /// <summary>What the security module is told of Domain-0's label and the policy to boot with, or null.</summary>
    public string? Security => Words.LastOrDefault(static word => word.StartsWith(SecurityKey, StringComparison.Ordinal))?[SecurityKey.Length..];

    /// <summary>Words that mean nothing here.</summary>
    public IEnumerable<string> Unknown => Words.Where(static word =>
        !word.StartsWith(SchedulerKey, StringComparison.Ordinal) && !word.StartsWith(SecurityKey, StringComparison.Ordinal));

    /// <summary>Whether a word can be one of these; all of ours have a value.</summary>
    public static bool IsOption(string word) => word.IndexOf('=', StringComparison.Ordinal) > 0;

    /// <summary>As on the boot line.</summary>
    public override string ToString() => string.Join(' ', Words);
}
