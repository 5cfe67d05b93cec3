using System.Security.Cryptography;
using System.Text;

namespace Hospes.Security.Acm.Policies;

/// <summary>
/// A policy whose names all mean something (see <see cref="PolicyBuilder"/>). A label's number in a component's table is its ssid: 0 is the null label, 1 the
/// bootstrap label, then the other labels of domains as they are written, and in the table of Simple Type Enforcement those of resources after them
/// (fact sheet "ACM", section 3). Immutable.
/// </summary>
internal sealed class AcmPolicy
{
    private readonly Dictionary<string, int> _subjects;
    private readonly Dictionary<string, int> _resources;

    /// <param name="header">What it says of itself.</param>
    /// <param name="primary">The component that is asked first.</param>
    /// <param name="types">Types of Simple Type Enforcement; null: the policy has no such component.</param>
    /// <param name="wallTypes">Types of the Chinese Wall; null likewise.</param>
    /// <param name="conflicts">Sets of these.</param>
    /// <param name="subjects">Labels of domains, the bootstrap label first.</param>
    /// <param name="resources">Labels of resources.</param>
    public AcmPolicy(
        PolicyHeader header,
        PolicyComponent primary,
        IReadOnlyList<string>? types,
        IReadOnlyList<string>? wallTypes,
        IReadOnlyList<ConflictSet> conflicts,
        IReadOnlyList<AcmLabel> subjects,
        IReadOnlyList<AcmLabel> resources)
    {
        Header = header;
        Primary = primary;
        Types = types;
        WallTypes = wallTypes;
        Conflicts = conflicts;
        Subjects = subjects;
        Resources = resources;
        _subjects = Numbers(subjects);
        _resources = Numbers(resources);
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Describe())));
    }

    public PolicyHeader Header { get; }

    public string Name => Header.Name;

    public PolicyComponent Primary { get; }

    /// <summary>The other one, or none.</summary>
    public PolicyComponent Secondary => (Primary, Types, WallTypes) switch
    {
        (PolicyComponent.ChineseWall, not null, _) => PolicyComponent.SimpleTypeEnforcement,
        (PolicyComponent.SimpleTypeEnforcement, _, not null) => PolicyComponent.ChineseWall,
        _ => PolicyComponent.Null,
    };

    public IReadOnlyList<string>? Types { get; }

    public IReadOnlyList<string>? WallTypes { get; }

    public IReadOnlyList<ConflictSet> Conflicts { get; }

    public IReadOnlyList<AcmLabel> Subjects { get; }

    public IReadOnlyList<AcmLabel> Resources { get; }

    /// <summary>Domain 0's label.</summary>
    public AcmLabel Bootstrap => Subjects[0];

    /// <summary>
    /// SHA-256 of all that decides anything: name, version, types, conflicts and labels. Comments, dates and the names of conflict sets are not in it: the
    /// binary representation with its map has the same.
    /// </summary>
    public string Fingerprint { get; }

    /// <summary>A domain label's ssid; 0: there is no such label.</summary>
    public int SubjectSsid(string label) => _subjects.TryGetValue(label, out int index) ? index + 1 : 0;

    /// <summary>A resource label's ssid in the table of Simple Type Enforcement; 0: there is no such label.</summary>
    public int ResourceSsid(string label) => _resources.TryGetValue(label, out int index) ? Subjects.Count + index + 1 : 0;

    /// <summary>The number that the hypervisor's interfaces know a domain label by: the secondary component's ssid above the primary's.</summary>
    public uint Ssidref(string label)
    {
        uint ssid = (uint)SubjectSsid(label);
        return Secondary == PolicyComponent.Null ? ssid : ssid << 16 | ssid;
    }

    // What a label was called in the version before leads to it too, so that domains and resources keep theirs over a renaming.
    private static Dictionary<string, int> Numbers(IReadOnlyList<AcmLabel> labels)
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        for (int index = 0; index < labels.Count; index++)
            numbers.Add(labels[index].Name, index);
        for (int index = 0; index < labels.Count; index++)
        {
            if (labels[index].From is { } before)
                numbers.TryAdd(before, index);
        }

        return numbers;
    }

    private string Describe()
    {
        StringBuilder text = new();
        text.Append(Name).Append(' ').Append(Header.Version).Append(' ').Append(Primary).Append('\n');
        text.AppendJoin(' ', Types ?? ["-"]).Append('\n').AppendJoin(' ', WallTypes ?? ["-"]).Append('\n');
        foreach (ConflictSet conflict in Conflicts)
            text.AppendJoin(' ', conflict.Types.Members).Append('\n');
        foreach (AcmLabel label in Subjects.Concat(Resources))
            text.Append(label.Name).Append(": ").AppendJoin(' ', label.Types.Members).Append(" / ").AppendJoin(' ', label.WallTypes.Members).Append('\n');
        return text.Append(Subjects.Count).ToString();
    }
}
