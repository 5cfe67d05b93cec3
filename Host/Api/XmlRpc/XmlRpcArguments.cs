using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Host.Api.XmlRpc;

/// <summary>The arguments of a call, read by their places. Numbers come as numbers or as texts: clients did both.</summary>
internal sealed class XmlRpcArguments(string method, IReadOnlyList<object?> values)
{
    /// <summary>A text; a number is one, too: domains are named by either.</summary>
    public string Text(int index) => Optional(index) ?? throw Missing(index);

    /// <summary>A text, or null where there is none.</summary>
    public string? Optional(int index) => At(index) switch
    {
        null => null,
        string text => text,
        long number => number.ToString(CultureInfo.InvariantCulture),
        double number => number.ToString(CultureInfo.InvariantCulture),
        bool flag => flag ? "1" : "0",
        _ => throw XendException.Generic($"{Called(index)} has to be a text"),
    };

    /// <summary>What messages call an argument.</summary>
    public string Called(int index) => $"{method}: argument {index + 1}";

    /// <summary>Whether something is said to be so: not nothing, not zero, not an empty text.</summary>
    public bool Flag(int index, bool missing = false) => index >= values.Count ? missing : At(index) switch
    {
        null or false or 0L or "" or "0" => false,
        _ => true,
    };

    /// <summary>A form.</summary>
    public SxpList Form(int index) => SxpValues.ToForm(At(index)) as SxpList ?? throw XendException.Generic($"{Called(index)} has to be a list");

    /// <summary>A list of numbers as people write it: 0,1,3.</summary>
    public string Numbers(int index) => At(index) is IEnumerable<object?> items
        ? string.Join(',', items.Select(static item => SxpValues.ToForm(item).Text))
        : Text(index);

    private object? At(int index) => index < values.Count ? values[index] : null;

    private XendException Missing(int index) => XendException.Generic($"{Called(index)} is missing");
}
