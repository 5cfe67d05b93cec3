namespace Hospes.Xm.Configuration;

/// <summary>A file that is more than plain assignments, or wrong; and where that shows.</summary>
internal sealed class NotPlainException(string problem, int line, int column) : Exception(problem)
{
    public int Line { get; } = line;

    public int Column { get; } = column;
}
