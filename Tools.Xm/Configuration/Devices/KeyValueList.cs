namespace Hospes.Xm.Configuration.Devices;

/// <summary>Device descriptions of the form <c>'mac=00:16:3e:00:00:11, bridge=xenbr0'</c>.</summary>
internal static class KeyValueList
{
    /// <summary>The pairs in the order of <paramref name="keys"/>, which is the order forms have.</summary>
    /// <param name="text">The description.</param>
    /// <param name="keys">Keys that may occur.</param>
    /// <param name="unknown">Makes the message for a key that may not.</param>
    /// <exception cref="ConfigException">It is not of that form.</exception>
    public static IReadOnlyList<(string Key, string Value)> Parse(string text, IReadOnlyList<string> keys, Func<string, string> unknown)
    {
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw new ConfigException($"{part} should be a pair, separated by an equals sign.");
            string key = part[..equals].TrimEnd();
            if (!keys.Contains(key))
                throw new ConfigException(unknown(part));
            found[key] = part[(equals + 1)..].TrimStart();
        }

        return [.. keys.Where(found.ContainsKey).Select(key => (key, found[key]))];
    }
}
