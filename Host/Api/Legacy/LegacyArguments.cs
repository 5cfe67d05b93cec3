using System.Globalization;

namespace Hospes.Host.Api.Legacy;

/// <summary>What a request of either older interface carries, by the names that its fields have in HTTP (fact sheet "xend", section 3.2).</summary>
internal abstract class LegacyArguments
{
    /// <summary>An argument, or null where there is none.</summary>
    public abstract string? Optional(string name);

    /// <summary>A form, <c>(vbd ...)</c>.</summary>
    /// <exception cref="XendException">It is missing or none.</exception>
    public abstract string Form(string name);

    /// <summary>A list of numbers as people write it: 0,1,3.</summary>
    /// <exception cref="XendException">It is missing.</exception>
    public abstract string List(string name);

    /// <summary>An argument.</summary>
    /// <exception cref="XendException">It is missing.</exception>
    public string Text(string name) => Optional(name) ?? throw XendException.Generic($"{Called(name)} is missing");

    /// <summary>A whole number.</summary>
    /// <exception cref="XendException">It is missing or none.</exception>
    public long Number(string name) => long.TryParse(Text(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number)
        ? number
        : throw XendException.Generic($"{Called(name)} has to be a whole number, not '{Text(name)}'");

    /// <summary>A whole number of no great size.</summary>
    /// <exception cref="XendException">It is missing, none, or out of range.</exception>
    public int Count(string name) => Number(name) is >= int.MinValue and <= int.MaxValue and var number
        ? (int)number
        : throw XendException.Generic($"{Text(name)} is out of range");

    /// <summary>The numbers that there are of these.</summary>
    /// <exception cref="XendException">One is no number.</exception>
    public Dictionary<string, long> Numbers(IEnumerable<string> names) =>
        names.Where(name => Optional(name) is { Length: > 0 }).ToDictionary(static name => name, Number, StringComparer.Ordinal);

    /// <summary>Whether something is said to be so: neither missing nor nothing nor zero.</summary>
    public bool Flag(string name) => Optional(name) is not (null or "" or "0" or "no");

    /// <summary>What messages call an argument.</summary>
    protected abstract string Called(string name);
}
