namespace Hospes.Xm.Configuration;

/// <summary>The words of a plain configuration file. Inside brackets line ends and comments count as space, as in Python.</summary>
internal sealed class PlainTokens(string text)
{
    private const int MaximumDepth = 100;

    private int _position;
    private int _lineStart;
    private int _depth;

    public int Line { get; private set; } = 1;

    /// <summary>Whether only a comment is left of this line.</summary>
    public bool AtLineEnd
    {
        get
        {
            SkipSpace();
            return _position >= text.Length || text[_position] is '\n' or '\r' or '#';
        }
    }

    private char Current => _position < text.Length ? text[_position] : '\0';

    /// <summary>Moves to the beginning of the next statement, which has to be the beginning of a line.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool SkipToStatement()
    {
        while (AtLineEnd)
        {
            if (_position >= text.Length)
                return false;
            SkipLine();
        }

        return _position == _lineStart ? true : throw NotPlain("a line that does not belong to an 'if' or 'def' must not be indented");
    }

    public bool Peek(char first, char second = '\0')
    {
        SkipSpace();
        return Current == first && (second == '\0' || (_position + 1 < text.Length && text[_position + 1] == second));
    }

    public bool Take(char first, char second = '\0')
    {
        if (!Peek(first, second))
            return false;
        _position += second == '\0' ? 1 : 2;
        return true;
    }

    public bool TakeOpen(char open)
    {
        if (!Take(open))
            return false;
        return ++_depth <= MaximumDepth ? true : throw NotPlain($"brackets nest deeper than {MaximumDepth} levels");
    }

    public bool TakeClose(char close)
    {
        if (!Take(close))
            return false;
        _depth--;
        return true;
    }

    /// <summary>An identifier, or null.</summary>
    public string? Name()
    {
        SkipSpace();
        if (!char.IsAsciiLetter(Current) && Current != '_')
            return null;
        int start = _position;
        while (char.IsAsciiLetterOrDigit(Current) || Current == '_')
            _position++;
        return text[start.._position];
    }

    /// <summary>Whether <c>name =</c> follows, as in the middle of <c>a = b = 1</c>.</summary>
    public bool IsAssignmentAhead()
    {
        int position = _position;
        bool ahead = Name() is not null && Peek('=') && !Peek('=', '=');
        _position = position;
        return ahead;
    }

    /// <summary>One string, or several that follow each other and so are one; null if none stands here.</summary>
    public string? Text()
    {
        string? whole = null;
        while (true)
        {
            SkipSpace();
            int line = Line;
            int lineStart = _lineStart;
            PlainString? part = PlainString.TryRead(text, _position);
            if (part is null)
                return whole;
            if (part.Problem is not null)
                throw new NotPlainException(part.Problem, line, part.End - lineStart + 1);
            for (; _position < part.End; _position++)
                CountLine();
            whole += part.Value;
        }
    }

    /// <summary>A number with its sign, or null.</summary>
    public ConfigValue? Number()
    {
        SkipSpace();
        int start = _position;
        int end = start;
        if (end < text.Length && text[end] is '-' or '+')
            end++;
        int digits = end;
        while (end < text.Length && (char.IsAsciiLetterOrDigit(text[end]) || text[end] is '.' or '_' || (text[end] is '-' or '+' && IsExponent(digits, end))))
            end++;
        if (end == digits || (!char.IsAsciiDigit(text[digits]) && text[digits] != '.'))
            return null;
        _position = end;
        return PlainNumber.Parse(text.AsSpan(digits, end - digits), text[start] == '-') ?? throw NotPlain("this is not a number that can be read", start);
    }

    /// <summary>The error for a place, or for what comes next.</summary>
    public NotPlainException NotPlain(string problem, int? at = null)
    {
        if (at is null)
            SkipSpace();
        return new NotPlainException(problem, Line, (at ?? _position) - _lineStart + 1);
    }

    private bool IsExponent(int digits, int position) =>
        text[position - 1] is 'e' or 'E' && !text.AsSpan(digits).StartsWith("0x", StringComparison.OrdinalIgnoreCase);

    private void SkipSpace()
    {
        while (_position < text.Length)
        {
            char c = text[_position];
            if (c == '\\' && NextLineAfter(_position + 1) is int next)
                _position = next - 1;
            else if (_depth > 0 && c == '#')
                _position = EndOfLine() - 1;
            else if (c is not (' ' or '\t' or '\f') && (_depth == 0 || c is not ('\r' or '\n')))
                return;
            CountLine();
            _position++;
        }
    }

    private void SkipLine()
    {
        _position = EndOfLine();
        CountLine();
        _position++;
    }

    private int EndOfLine()
    {
        int end = text.IndexOf('\n', _position);
        return end < 0 ? text.Length : end;
    }

    /// <summary>The place after a line end at <paramref name="position"/>, or null if none is there.</summary>
    private int? NextLineAfter(int position)
    {
        if (position < text.Length && text[position] == '\r')
            position++;
        return position < text.Length && text[position] == '\n' ? position + 1 : null;
    }

    private void CountLine()
    {
        if (Current != '\n')
            return;
        Line++;
        _lineStart = _position + 1;
    }
}
