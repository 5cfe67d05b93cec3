namespace Hospes.Host.Networks;

/// <summary>A script as configurations name it: a plugin's name, or a file below the scripts folder, and arguments <c>name=value</c>.</summary>
internal sealed record ScriptLine(string Name, IReadOnlyDictionary<string, string> Arguments)
{
    /// <summary>Reads <c>network-bridge netdev=eth0 bridge=xenbr0</c>.</summary>
    /// <exception cref="XendException">It is none; the message quotes it.</exception>
    public static ScriptLine Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0)
            throw XendException.Generic("Invalid script: the name is empty");
        Dictionary<string, string> arguments = new(StringComparer.Ordinal);
        foreach (string word in words[1..])
        {
            int equals = word.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                throw XendException.Generic($"Invalid script '{text}': '{word}' is not name=value");
            arguments[word[..equals]] = word[(equals + 1)..];
        }

        // Xen's own configurations name scripts by their whole path too.
        return new ScriptLine(words[0], arguments);
    }

    /// <summary>The arguments as words.</summary>
    public IEnumerable<string> Words => Arguments.Select(static argument => $"{argument.Key}={argument.Value}");

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Words.Prepend(Name));
}
