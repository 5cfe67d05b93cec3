using System.Text;
using System.Text.RegularExpressions;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Files;

/// <summary>Which policy is installed, in force or not: Xen's file <c>managed_policies</c> beside the policies, with at most one entry (fact sheet "ACM", section 1).</summary>
internal sealed partial class ManagedPolicy(string policiesDirectory)
{
    private const int MostBytes = 4096;
    private const string Head = "managed_policies = {";

    private readonly string _path = Path.Combine(policiesDirectory, "managed_policies");

    /// <summary>The policy's name and identity; null: none is installed.</summary>
    /// <exception cref="SecurityPolicyException">The file is there and does not say it.</exception>
    public (string Name, Guid Reference)? Read()
    {
        if (DurableFile.Read(_path, MostBytes) is not { } text)
            return null;
        (string Name, Guid Reference)? found = null;
        string[] lines = Encoding.UTF8.GetString(text).Split('\n');
        for (int number = 0; number < lines.Length; number++)
        {
            string line = lines[number].Trim();
            if (line.Length == 0 || line[0] == '#' || line is Head or "}")
                continue;
            if (Entry().Match(line) is not { Success: true } entry || !Guid.TryParse(entry.Groups["reference"].Value, out Guid reference) || !PolicyName.IsPolicy(entry.Groups["name"].Value))
                throw new SecurityPolicyException($"{_path}, line {number + 1}: '{line}' is not 'UUID': ('POLICY', '{AcmPolicyType.Name}'),");
            if (found is not null)
                throw new SecurityPolicyException($"{_path}, line {number + 1}: a second policy, and there can be one");
            found = (entry.Groups["name"].Value, reference);
        }

        return found;
    }

    /// <summary>Installs a policy; one of the same name keeps its identity.</summary>
    /// <returns>The identity.</returns>
    public Guid Write(string name)
    {
        if (Read() is { } present && present.Name == name)
            return present.Reference;
        Guid reference = Guid.NewGuid();
        DurableFile.Write(_path, Encoding.UTF8.GetBytes($"{Head}\n    '{reference}': ('{name}', '{AcmPolicyType.Name}'),\n}}\n"), isPrivate: false);
        return reference;
    }

    /// <summary>None is installed any more.</summary>
    public void Clear() => File.Delete(_path);

    [GeneratedRegex(@"^'(?<reference>[0-9a-fA-F\-]{36})'\s*:\s*\(\s*'(?<name>[^']+)'\s*,\s*'ACM'\s*\)\s*,?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Entry();
}
