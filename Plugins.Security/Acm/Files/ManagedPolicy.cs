using System.Text;
using System.Text.RegularExpressions;

namespace Hospes.Security.Acm.Files;

/// <summary>Which policy is installed, in force or not: Xen's file <c>managed_policies</c> beside the policies, with at most one entry (fact sheet "ACM", section 1).</summary>
internal sealed partial class ManagedPolicy(string policiesDirectory)
{
    private const int MostBytes = 4096;

    private readonly string _path = Path.Combine(policiesDirectory, "managed_policies");

    /// <summary>The policy's name and identity; null: none is installed.</summary>
    public (string Name, Guid Reference)? Read() =>
        DurableFile.Read(_path, MostBytes) is { } text && Entry().Match(Encoding.UTF8.GetString(text)) is { Success: true } entry
            && Guid.TryParse(entry.Groups["reference"].Value, out Guid reference)
            ? (entry.Groups["name"].Value, reference)
            : null;

    /// <summary>Installs a policy; one of the same name keeps its identity.</summary>
    /// <returns>The identity.</returns>
    public Guid Write(string name)
    {
        if (Read() is { } present && present.Name == name)
            return present.Reference;
        Guid reference = Guid.NewGuid();
        DurableFile.Write(_path, Encoding.UTF8.GetBytes($"managed_policies = {{\n    '{reference}': ('{name}', '{AcmPolicyType.Name}'),\n}}\n"), isPrivate: false);
        return reference;
    }

    /// <summary>None is installed any more.</summary>
    public void Clear() => File.Delete(_path);

    [GeneratedRegex(@"'(?<reference>[0-9a-fA-F\-]{36})'\s*:\s*\(\s*'(?<name>[A-Za-z0-9_.\-]+)'", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Entry();
}
