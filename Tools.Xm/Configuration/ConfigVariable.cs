namespace Hospes.Xm.Configuration;

/// <summary>A variable that configures domains.</summary>
/// <param name="Name">What it is called in files and on the command line.</param>
/// <param name="Kind">What it takes.</param>
/// <param name="Values">How its values look, for help.</param>
/// <param name="Help">What it does.</param>
internal sealed record ConfigVariable(string Name, VariableKind Kind, string Values, string Help)
{
    /// <summary>What a whole number has to be at least.</summary>
    public long Minimum { get; init; } = long.MinValue;

    /// <summary>Its kind in words.</summary>
    public string Expected => Kind switch
    {
        VariableKind.Text => $"a string ({Values})",
        VariableKind.TextOrNumber => $"a string or a number ({Values})",
        VariableKind.Integer => $"a whole number{(Minimum == long.MinValue ? "" : $" of at least {Minimum}")} ({Values})",
        VariableKind.Flag => "0 or 1",
        _ => $"a list of strings, [ {Values}, ... ]",
    };
}
