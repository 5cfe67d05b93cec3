namespace Hospes.Host.Domains;

/// <summary>The reasons that may be written to <c>control/shutdown</c> (fact sheet "xend", section 4).</summary>
internal static class ShutdownWord
{
    private static readonly string[] Words = ["poweroff", "reboot", "suspend", "crash", "halt"];

    /// <summary>The word, checked.</summary>
    /// <exception cref="XendException">It is not one of the reasons.</exception>
    public static string Check(string reason) =>
        Words.Contains(reason, StringComparer.Ordinal) ? reason : throw XendException.Generic($"Invalid reason: {reason}");
}
