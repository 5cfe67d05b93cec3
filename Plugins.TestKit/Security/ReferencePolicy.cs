namespace Hospes.TestKit.Security;

/// <summary>A policy by names alone, from which a module under test makes its own and the reference monitor decides.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Types">Types of sharing.</param>
/// <param name="WallTypes">Types that may exclude each other.</param>
/// <param name="Conflicts">Sets of these, of which one type may run at a time.</param>
/// <param name="Domains">Labels of domains; the first is domain 0's.</param>
/// <param name="Resources">Labels of resources.</param>
public sealed record ReferencePolicy(
    string Name,
    IReadOnlyList<string> Types,
    IReadOnlyList<string> WallTypes,
    IReadOnlyList<IReadOnlySet<string>> Conflicts,
    IReadOnlyList<ReferenceLabel> Domains,
    IReadOnlyList<ReferenceLabel> Resources)
{
    /// <summary>A policy by chance: labels hold no two types of one conflict set; domain 0 has every type, as a rule.</summary>
    public static ReferencePolicy Random(Random chance, string name)
    {
        string[] types = [.. Enumerable.Range(0, chance.Next(1, 9)).Select(static number => $"type{number}")];
        string[] walls = [.. Enumerable.Range(0, chance.Next(2, 9)).Select(static number => $"wall{number}")];
        IReadOnlySet<string>[] conflicts = [.. Enumerable.Range(0, chance.Next(0, 4)).Select(_ => Some(chance, walls, 2))];
        List<ReferenceLabel> domains = [new("Manager", chance.Next(8) == 0 ? Some(chance, types, 1) : types.ToHashSet(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal))];
        for (int number = chance.Next(1, 8); number > 0; number--)
        {
            HashSet<string> wanted = Some(chance, walls, 0);
            foreach (IReadOnlySet<string> conflict in conflicts)
            {
                foreach (string surplus in wanted.Where(conflict.Contains).Skip(1).ToArray())
                    wanted.Remove(surplus);
            }

            domains.Add(new ReferenceLabel($"dom{number}", Some(chance, types, chance.Next(2)), wanted));
        }

        ReferenceLabel[] resources = [.. Enumerable.Range(0, chance.Next(1, 5)).Select(number => new ReferenceLabel($"res{number}", Some(chance, types, 1), new HashSet<string>(StringComparer.Ordinal)))];
        return new ReferencePolicy(name, types, walls, conflicts, domains, resources);
    }

    private static HashSet<string> Some(Random chance, string[] from, int least)
    {
        string[] mixed = [.. from];
        chance.Shuffle(mixed);
        return [.. mixed.Take(Math.Min(from.Length, chance.Next(least, Math.Max(least + 1, from.Length / 2 + 1))))];
    }
}
