namespace Hospes.Sxp;

/// <summary>Text that is not an S-expression, and where it stops being one.</summary>
public sealed class SxpSyntaxException : FormatException
{
    internal SxpSyntaxException(string problem, int line, int column)
        : base($"line {line}, column {column}: {problem}")
    {
        Problem = problem;
        Line = line;
        Column = column;
    }

    /// <summary>What is wrong, without the place.</summary>
    public string Problem { get; }

    /// <summary>Line of the offending character, counted from 1.</summary>
    public int Line { get; }

    /// <summary>Column of the offending character, counted from 1.</summary>
    public int Column { get; }
}
