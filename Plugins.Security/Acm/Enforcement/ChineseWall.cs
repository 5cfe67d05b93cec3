using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Enforcement;

/// <summary>
/// Which types run at present, counted, and which they exclude (fact sheet "ACM", section 5.3). A label that enters counts all its types; for each conflict
/// set that it has a type of, the other types of that set are excluded once more. Not safe for several threads: its owner has a lock.
/// </summary>
internal sealed class ChineseWall(AcmPolicy policy)
{
    private readonly uint[] _running = new uint[policy.WallTypes?.Count ?? 0];
    private readonly uint[] _excluded = new uint[policy.WallTypes?.Count ?? 0];

    /// <summary>How many running domains have each type.</summary>
    public IReadOnlyList<uint> Running => _running;

    /// <summary>How often each type is excluded by running domains.</summary>
    public IReadOnlyList<uint> Excluded => _excluded;

    /// <summary>The first type of a label that something running excludes; null: it may enter.</summary>
    public int? Conflict(AcmLabel label)
    {
        foreach (int type in label.WallTypes.Members)
        {
            if (type < _excluded.Length && _excluded[type] > 0)
                return type;
        }

        return null;
    }

    /// <summary>A domain of this label runs from now on, whether or not it conflicts.</summary>
    public void Enter(AcmLabel label) => Count(label, static count => count + 1);

    /// <summary>It does not any more: the exact inverse.</summary>
    public void Leave(AcmLabel label) => Count(label, static count => count - 1);

    private void Count(AcmLabel label, Func<uint, uint> step)
    {
        foreach (ConflictSet set in policy.Conflicts)
        {
            if (!set.Types.Intersects(label.WallTypes))
                continue;
            foreach (int type in set.Types.Members)
            {
                if (!label.WallTypes.Contains(type))
                    _excluded[type] = step(_excluded[type]);
            }
        }

        foreach (int type in label.WallTypes.Members)
            _running[type] = step(_running[type]);
    }
}
