namespace Hospes.Host.Plugins;

/// <summary>What a person probably meant.</summary>
internal static class NearestName
{
    /// <summary>As in <c>; did you mean 'engine'?</c>, or a list of what there is, or nothing.</summary>
    internal static string Hint(string written, IReadOnlyCollection<string> known)
    {
        if (known.Count == 0)
            return "";
        string nearest = known.MinBy(name => Distance(written, name))!;
        return Distance(written, nearest) <= Math.Max(2, written.Length / 3)
            ? $"; did you mean '{nearest}'?"
            : $"; known here: {string.Join(", ", known.Order(StringComparer.Ordinal))}";
    }

    // Letters to insert, remove or replace to get from one to the other (Levenshtein's distance), one row at a time.
    private static int Distance(string from, string to)
    {
        int[] row = [.. Enumerable.Range(0, to.Length + 1)];
        for (int i = 1; i <= from.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(from[i - 1]) == char.ToLowerInvariant(to[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
