namespace Hospes.Security.Acm.Policies;

/// <summary>A set of types of one component, by their numbers: a bit for each. Immutable.</summary>
internal sealed class TypeSet : IEquatable<TypeSet>
{
    private readonly ulong[] _words;

    private TypeSet(ulong[] words) => _words = words;

    /// <summary>No type.</summary>
    public static TypeSet Empty { get; } = new([]);

    /// <summary>The numbers, ascending.</summary>
    public IEnumerable<int> Members
    {
        get
        {
            for (int word = 0; word < _words.Length; word++)
            {
                for (ulong left = _words[word]; left != 0; left &= left - 1)
                    yield return word * 64 + System.Numerics.BitOperations.TrailingZeroCount(left);
            }
        }
    }

    /// <summary>How many types are in it.</summary>
    public int Count => _words.Sum(static word => System.Numerics.BitOperations.PopCount(word));

    /// <summary>The set of some types.</summary>
    public static TypeSet Of(IEnumerable<int> types)
    {
        int[] all = [.. types];
        if (all.Length == 0)
            return Empty;
        ulong[] words = new ulong[all.Max() / 64 + 1];
        foreach (int type in all)
            words[type / 64] |= 1UL << (type % 64);
        return new TypeSet(words);
    }

    /// <summary>Whether a type is in it.</summary>
    public bool Contains(int type) => type / 64 < _words.Length && (_words[type / 64] >> (type % 64) & 1) != 0;

    /// <summary>Whether they have a type in common.</summary>
    public bool Intersects(TypeSet other)
    {
        ReadOnlySpan<ulong> one = _words;
        ReadOnlySpan<ulong> two = other._words;
        int length = Math.Min(one.Length, two.Length);
        for (int word = 0; word < length; word++)
        {
            if ((one[word] & two[word]) != 0)
                return true;
        }

        return false;
    }

    /// <summary>Whether all types of another are in it.</summary>
    public bool Covers(TypeSet other)
    {
        for (int word = 0; word < other._words.Length; word++)
        {
            if ((other._words[word] & ~(word < _words.Length ? _words[word] : 0)) != 0)
                return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public bool Equals(TypeSet? other) => other is not null && Covers(other) && other.Covers(this);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as TypeSet);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (int member in Members)
            hash.Add(member);
        return hash.ToHashCode();
    }
}
