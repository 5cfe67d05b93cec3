namespace Hospes.Xm.Configuration;

/// <summary>Finds the name that a misspelt one was meant to be.</summary>
internal static class SpellingGuess
{
    /// <summary>
    /// The nearest name, if it's near enough for a slip of the fingers: one change up to six letters, two beyond; in names of
    /// three letters only two exchanged ones, since most short words are one change away from each other.
    /// </summary>
    public static string? Nearest(string name, IEnumerable<string> known)
    {
        string? best = null;
        int least = name.Length > 6 ? 2 : 1;
        foreach (string candidate in known)
        {
            int distance = Distance(name, candidate);
            bool isShort = Math.Min(name.Length, candidate.Length) <= 3;
            if (distance > least || distance == 0 || (isShort && !IsExchange(name, candidate)) || (best is not null && distance == least))
                continue;
            least = distance;
            best = candidate;
        }

        return best;
    }

    /// <summary>Letters added, left out or replaced, and neighbours exchanged, from one word to the other.</summary>
    public static int Distance(string from, string to)
    {
        int[,] cost = new int[from.Length + 1, to.Length + 1];
        for (int i = 0; i <= from.Length; i++)
        {
            for (int j = 0; j <= to.Length; j++)
            {
                cost[i, j] = i == 0 || j == 0
                    ? i + j
                    : Math.Min(Math.Min(cost[i - 1, j], cost[i, j - 1]) + 1, cost[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
                    cost[i, j] = Math.Min(cost[i, j], cost[i - 2, j - 2] + 1);
            }
        }

        return cost[from.Length, to.Length];
    }

    private static bool IsExchange(string left, string right) =>
        left.Length == right.Length && left.Order().SequenceEqual(right.Order());
}
