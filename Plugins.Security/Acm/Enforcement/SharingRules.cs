using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm.Enforcement;

/// <summary>
/// Simple Type Enforcement: two labels may share if they have a type in common (fact sheet "ACM", section 5.4). Permissions, and only these, are remembered in
/// a table of fixed size in which a newer one may take an older one's place; a miss costs an intersection of bit sets. Any thread, no locks, no allocation.
/// </summary>
internal sealed class SharingRules
{
    private const int CacheEntries = 4096;

    private readonly TypeSet?[] _rows;
    private readonly bool _isComponent;
    private readonly ulong[] _permitted = new ulong[CacheEntries];
    private long _asked;
    private long _remembered;

    public SharingRules(AcmPolicy policy)
    {
        _isComponent = policy.Types is not null;
        _rows = [TypeSet.Empty, .. policy.Subjects.Concat(policy.Resources).Select(static label => label.Types)];
    }

    /// <summary>Decisions made.</summary>
    public long Asked => Volatile.Read(ref _asked);

    /// <summary>Decisions answered from the table.</summary>
    public long Remembered => Volatile.Read(ref _remembered);

    /// <summary>Whether two ssids may share. The null label shares with nobody.</summary>
    public bool MayShare(int one, int two)
    {
        Volatile.Write(ref _asked, _asked + 1); // statistics: a count lost to another thread is no matter
        if (!_isComponent)
            return one != 0 && two != 0;
        (uint low, uint high) = one < two ? ((uint)one, (uint)two) : ((uint)two, (uint)one);
        ulong key = (ulong)high << 32 | low;
        ref ulong slot = ref _permitted[(key * 0x9e37_79b9_7f4a_7c15) >> 52];
        if (Volatile.Read(ref slot) == key && key != 0)
        {
            Volatile.Write(ref _remembered, _remembered + 1);
            return true;
        }

        if (low == 0 || high >= _rows.Length || !_rows[low]!.Intersects(_rows[high]!))
            return false;
        Volatile.Write(ref slot, key);
        return true;
    }
}
