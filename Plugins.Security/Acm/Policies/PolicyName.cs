using System.Text.RegularExpressions;
using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Policies;

/// <summary>
/// Names of policies, types and labels. A policy's name is also its place: dots become slashes below the policies' directory (fact sheet "ACM", section 1),
/// so that nothing in it may lead elsewhere. Where a policy is meant, <c>NAME@HEX</c> also says its fingerprint, or the first eight digits of it or more.
/// </summary>
internal static partial class PolicyName
{
    private const int ShortestFingerprint = 8;

    /// <summary>The label that stands for none.</summary>
    public const string NullLabel = "__NULL_LABEL__";

    /// <summary>Whether a policy can be called this.</summary>
    public static bool IsPolicy(string name) => name.Length <= PolicyLimits.NameLength && Policy().IsMatch(name);

    /// <summary>Whether a type or label can be called this: it stands in configurations and in tables with blanks between words.</summary>
    public static bool IsWord(string name) => name.Length <= PolicyLimits.NameLength && name != NullLabel && Word().IsMatch(name);

    /// <summary>The name alone.</summary>
    /// <exception cref="SecurityPolicyException">No policy can be called this.</exception>
    public static string Require(string reference)
    {
        string name = reference.Split('@')[0];
        return IsPolicy(name)
            ? name
            : throw new SecurityPolicyException(
                $"'{reference}' cannot be the name of a policy: parts of letters, digits, '_' and '-', with dots between them, at most {PolicyLimits.NameLength} characters");
    }

    /// <summary>Whether a reference means a policy: the same name, and the same contents if it says a fingerprint.</summary>
    public static bool Means(string reference, string name, string fingerprint)
    {
        int at = reference.IndexOf('@', StringComparison.Ordinal);
        if (at < 0)
            return reference == name;
        string digits = reference[(at + 1)..];
        return reference[..at] == name && digits.Length >= ShortestFingerprint && fingerprint.StartsWith(digits, StringComparison.OrdinalIgnoreCase);
    }

    [GeneratedRegex(@"^[A-Za-z0-9_\-]+(\.[A-Za-z0-9_\-]+)*\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Policy();

    [GeneratedRegex(@"^[A-Za-z0-9_\-.+]+\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Word();
}
