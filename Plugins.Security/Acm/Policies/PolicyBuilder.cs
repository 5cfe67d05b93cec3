using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Policies;

/// <summary>
/// Makes a policy of what is written, or says all that is wrong with it at once. Beyond what Xen's compiler checked: conflict sets have names of their own and at
/// least two types, and no label holds two types of one set, since it would not be counted against itself (fact sheet "ACM", sections 2.1 and 5.3).
/// </summary>
internal sealed class PolicyBuilder
{
    private const int MostErrors = 20;

    private readonly PolicyDraft _draft;
    private readonly List<string> _errors = [];
    private readonly Dictionary<string, int> _types;
    private readonly Dictionary<string, int> _wallTypes;

    private PolicyBuilder(PolicyDraft draft)
    {
        _draft = draft;
        _types = Number(draft.Types, "SimpleTypeEnforcement");
        _wallTypes = Number(draft.WallTypes, "ChineseWall");
    }

    /// <summary>The policy.</summary>
    /// <exception cref="SecurityPolicyException">It holds no water; the message has a line for each error.</exception>
    public static AcmPolicy Build(PolicyDraft draft) => new PolicyBuilder(draft).Build();

    private AcmPolicy Build()
    {
        if (!PolicyName.IsPolicy(_draft.Header.Name))
            _errors.Add($"Error: Policy name >{Shown(_draft.Header.Name)}< is not made of letters, digits, '_' and '-' with dots between.");
        if (_draft.Types is null && _draft.WallTypes is null)
            _errors.Add("Error: Neither a SimpleTypeEnforcement nor a ChineseWall component: this policy would decide nothing.");
        if (_draft.Primaries.Count > 1)
            _errors.Add("ERROR: Primary Policy Component set twice!");
        CheckCounts();
        List<ConflictSet> conflicts = Conflicts();
        List<AcmLabel> subjects = Labels(_draft.Subjects, "VM", conflicts);
        List<AcmLabel> resources = Labels(_draft.Resources, "RES", conflicts);
        int bootstrap = subjects.FindIndex(label => label.Name == _draft.Bootstrap);
        if (bootstrap < 0)
            _errors.Add($"ERROR: Bootstrap label >{Shown(_draft.Bootstrap)}< not found.");
        if (_errors.Count > 0)
            throw Refusal();
        AcmLabel first = subjects[bootstrap];
        subjects.RemoveAt(bootstrap);
        PolicyComponent primary = _draft.Primaries.Count == 1 ? _draft.Primaries[0]
            : _draft.WallTypes is not null ? PolicyComponent.ChineseWall : PolicyComponent.SimpleTypeEnforcement;
        return new AcmPolicy(_draft.Header, primary, _draft.Types, _draft.WallTypes, conflicts, [first, .. subjects], resources);
    }

    private SecurityPolicyException Refusal()
    {
        IEnumerable<string> shown = _errors.Take(MostErrors);
        return new SecurityPolicyException(string.Join('\n', _errors.Count > MostErrors ? shown.Append($"and {_errors.Count - MostErrors} more errors") : shown)) { Kind = AcmRefusal.Inconsistent };
    }

    private void CheckCounts()
    {
        int labels = _draft.Subjects.Count + _draft.Resources.Count;
        if (labels > PolicyLimits.Labels)
            _errors.Add($"Error: {labels} labels; a policy may have {PolicyLimits.Labels}.");
        foreach (int types in new[] { _types.Count, _wallTypes.Count })
        {
            if (types > PolicyLimits.Types)
                _errors.Add($"Error: {types} types; a component may have {PolicyLimits.Types}.");
        }

        if (_draft.Conflicts.Count > PolicyLimits.ConflictSets)
            _errors.Add($"Error: {_draft.Conflicts.Count} conflict sets; a policy may have {PolicyLimits.ConflictSets}.");
    }

    private Dictionary<string, int> Number(List<string>? types, string component)
    {
        Dictionary<string, int> numbers = new(StringComparer.Ordinal);
        foreach (string type in types ?? [])
        {
            if (!PolicyName.IsWord(type))
                _errors.Add($"Error: {component}: >{Shown(type)}< cannot be the name of a type.");
            if (!numbers.TryAdd(type, numbers.Count))
                _errors.Add($"Error: Type >{Shown(type)}< defined more than once.");
        }

        return numbers;
    }

    private List<ConflictSet> Conflicts()
    {
        List<ConflictSet> sets = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach ((string name, List<string> types) in _draft.Conflicts)
        {
            if (name.Length == 0 || !names.Add(name))
                _errors.Add($"There is a bad conflict set: {(name.Length == 0 ? "one has no name" : $"there are two of the name >{Shown(name)}<")}.");
            HashSet<int> members = [];
            foreach (string type in types)
            {
                if (!_wallTypes.TryGetValue(type, out int number))
                    _errors.Add($"CS type >{Shown(type)}< not a CHWALL type.");
                else if (!members.Add(number))
                    _errors.Add($"ERROR: Double entry of type >{type}< in conflict set {sets.Count}.");
            }

            if (types.Count < 2)
                _errors.Add($"There is a bad conflict set: >{Shown(name)}< has fewer than two types.");
            sets.Add(new ConflictSet(name, TypeSet.Of(members)));
        }

        return sets;
    }

    private List<AcmLabel> Labels(List<LabelDraft> drafts, string kind, List<ConflictSet> conflicts)
    {
        List<AcmLabel> labels = [];
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (LabelDraft draft in drafts.Take(PolicyLimits.Labels))
        {
            if (!PolicyName.IsWord(draft.Name))
                _errors.Add($"Error: >{Shown(draft.Name)}< cannot be the name of a label: letters, digits, '_', '-', '.' and '+' can, at most {PolicyLimits.NameLength}.");
            if (!names.Add(draft.Name))
                _errors.Add($"Label '{Shown(draft.Name)}' not unique in policy (policy error)");
            AcmLabel label = new(draft.Name, Types(draft.Types, _types, $"{kind} STE"), Types(draft.WallTypes, _wallTypes, $"{kind} CHWALL"), draft.From);
            foreach (ConflictSet set in conflicts.Where(set => set.Types.Intersects(label.WallTypes)))
            {
                int[] held = [.. set.Types.Members.Where(label.WallTypes.Contains)];
                if (held.Length > 1)
                    _errors.Add($"Error: Label >{label.Name}< holds types >{string.Join("<, >", held.Select(type => _draft.WallTypes![type]))}< of conflict set >{set.Name}<.");
            }

            labels.Add(label);
        }

        return labels;
    }

    private TypeSet Types(List<string> names, Dictionary<string, int> known, string kind)
    {
        List<int> types = [];
        foreach (string name in names)
        {
            if (known.TryGetValue(name, out int number))
                types.Add(number);
            else
                _errors.Add($"ERROR: unknown {kind} type >{Shown(name)}<.");
        }

        return TypeSet.Of(types);
    }

    private static string Shown(string name) => name.Length <= PolicyLimits.NameLength ? name : $"{name[..PolicyLimits.NameLength]}…";
}
