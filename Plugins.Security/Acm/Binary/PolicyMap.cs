using System.Globalization;
using System.Text;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Binary;

/// <summary>
/// The map beside a binary policy: names for its numbers (fact sheet "ACM", section 3). One line more than Xen's has: <c>FINGERPRINT SHA256 hex</c>, by which
/// binary, map and source are known to belong together; readers that do not know it pass over it.
/// </summary>
internal static class PolicyMap
{
    private const string Wall = "CHWALL";
    private const string Sharing = "STE";

    /// <summary>Writes the map of a policy.</summary>
    public static string Write(AcmPolicy policy, string sourcePath, string binaryPath)
    {
        StringBuilder text = new();
        Line(text, $"POLICYREFERENCENAME {policy.Name}");
        Line(text, $"MAGIC {PolicyBinary.Magic:x8}");
        Line(text, $"POLICYFILE {sourcePath}");
        Line(text, $"BINARYFILE {binaryPath}");
        Counts(text, Wall, policy.WallTypes, policy.Subjects.Count);
        Counts(text, Sharing, policy.Types, policy.Subjects.Count + policy.Resources.Count);
        Line(text, $"FINGERPRINT SHA256 {policy.Fingerprint}");
        Line(text, $"");
        Line(text, $"PRIMARY {Word(policy.Primary)}");
        Line(text, $"SECONDARY {Word(policy.Secondary)}");
        if (policy.WallTypes is { } walls)
        {
            Line(text, $"");
            Labels(text, Wall, policy.Subjects, []);
            Line(text, $"");
            Ssids(text, Wall, walls, policy.Subjects.Select(static label => label.WallTypes));
        }

        if (policy.Types is { } types)
        {
            Line(text, $"");
            Labels(text, Sharing, policy.Subjects, policy.Resources);
            Line(text, $"");
            Ssids(text, Sharing, types, policy.Subjects.Concat(policy.Resources).Select(static label => label.Types));
        }

        Line(text, $"");
        Types(text, Wall, policy.WallTypes);
        Types(text, Sharing, policy.Types);
        return text.ToString();
    }

    /// <summary>The policy of a binary and its map.</summary>
    /// <exception cref="SecurityPolicyException">They do not belong together, or are broken.</exception>
    public static AcmPolicy Read(PolicyTables tables, string map)
    {
        MapReader names = new(map);
        if (names.Name != tables.Name)
            throw TableReader.Invalid($"it is policy '{tables.Name}', its map is of '{names.Name}'");
        string[]? types = tables.Types is { } count ? names.Types(Sharing, count) : null;
        string[]? walls = tables.WallTypes is { } wallCount ? names.Types(Wall, wallCount) : null;
        string table = tables.Types is not null ? Sharing : Wall;
        string[] subjects = names.Labels("VM", table, first: 1);
        string[] resources = tables.Types is not null ? names.Labels("RES", Sharing, subjects.Length + 1) : [];
        if ((tables.Types is not null && tables.Rows.Length != 1 + subjects.Length + resources.Length)
            || (tables.WallTypes is not null && tables.WallRows.Length != 1 + subjects.Length) || subjects.Length == 0)
            throw TableReader.Invalid("its map names other labels than it has");
        AcmLabel Label(string name, int ssid) => new(
            name,
            ssid < tables.Rows.Length ? tables.Rows[ssid] : TypeSet.Empty,
            ssid <= subjects.Length && ssid < tables.WallRows.Length ? tables.WallRows[ssid] : TypeSet.Empty);
        AcmPolicy policy = new(
            new PolicyHeader(tables.Name, tables.Version),
            tables.Primary,
            types,
            walls,
            [.. tables.Conflicts.Select(static (set, index) => new ConflictSet($"RER{index}", set))],
            [.. subjects.Select((name, index) => Label(name, index + 1))],
            [.. resources.Select((name, index) => Label(name, subjects.Length + index + 1))]);
        return names.Fingerprint is null || names.Fingerprint == policy.Fingerprint
            ? policy
            : throw TableReader.Invalid($"its contents have the fingerprint {policy.Fingerprint}, its map is of {names.Fingerprint}");
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');

    private static string Word(PolicyComponent component) => component switch
    {
        PolicyComponent.ChineseWall => Wall,
        PolicyComponent.SimpleTypeEnforcement => Sharing,
        _ => "NULL",
    };

    private static void Counts(StringBuilder text, string component, IReadOnlyList<string>? types, int labels)
    {
        Line(text, $"MAX-{component}-TYPES {types?.Count ?? 0:x8}");
        Line(text, $"MAX-{component}-SSIDS {(types is null ? 0 : labels + 1):x8}");
        Line(text, $"MAX-{component}-LABELS {(types is null ? 0 : labels):x8}");
    }

    private static void Labels(StringBuilder text, string component, IReadOnlyList<AcmLabel> subjects, IReadOnlyList<AcmLabel> resources)
    {
        Line(text, $"LABEL->SSID ANY {component} {PolicyName.NullLabel} {0:x}");
        for (int index = 0; index < subjects.Count; index++)
            Line(text, $"LABEL->SSID VM  {component} {subjects[index].Name} {index + 1:x}");
        for (int index = 0; index < resources.Count; index++)
            Line(text, $"LABEL->SSID RES {component} {resources[index].Name} {subjects.Count + index + 1:x}");
    }

    private static void Ssids(StringBuilder text, string component, IReadOnlyList<string> types, IEnumerable<TypeSet> rows)
    {
        int ssid = 0;
        foreach (TypeSet row in rows.Prepend(TypeSet.Empty))
            Line(text, $"SSID->TYPE {component} {ssid++:x8}{string.Concat(row.Members.Select(type => $" {types[type]}"))}");
    }

    private static void Types(StringBuilder text, string component, IReadOnlyList<string>? types)
    {
        for (int index = 0; index < (types?.Count ?? 0); index++)
            Line(text, $"TYPE {component} {types![index]} {index}");
    }
}
