using System.Text;

namespace Hospes.Sxp;

/// <summary>
/// Reads S-expressions. Example: <c>(vm (name demo) (memory 64)) # a comment</c> is one list of three elements.
/// </summary>
/// <remarks>Nested lists are kept on a stack of its own, so that hostile input cannot exhaust the thread's.</remarks>
public sealed class SxpParser
{
    /// <summary>How deep lists may nest; Xen's own forms stay below ten.</summary>
    public const int MaximumDepth = 200;

    private readonly string _text;
    private int _position;
    private int _line = 1;
    private int _lineStart;

    private SxpParser(string text)
    {
        _text = text;
    }

    private bool AtEnd => _position >= _text.Length || _text[_position] == SxpCharacters.EndOfInput;

    /// <summary>Every form of a text, in order; none for a text of spaces and comments.</summary>
    /// <exception cref="SxpSyntaxException">The text is not a sequence of S-expressions.</exception>
    public static IReadOnlyList<SxpNode> ParseAll(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SxpParser(text).Forms();
    }

    /// <summary>The first form of a text, which has to be a list; further forms are not looked at beyond their syntax.</summary>
    /// <exception cref="SxpSyntaxException">The text is not S-expressions, or does not begin with a list.</exception>
    public static SxpList ParseForm(string text) =>
        ParseAll(text) switch
        {
            [SxpList list, ..] => list,
            [] => throw new SxpSyntaxException("nothing but spaces and comments where a form '(name ...)' was expected", 1, 1),
            _ => throw new SxpSyntaxException("a form has to begin with '('", 1, 1),
        };

    private List<SxpNode> Forms()
    {
        List<SxpNode> forms = [];
        Stack<(List<SxpNode> Items, int Line, int Column)> open = [];
        for (SkipSpace(); !AtEnd; SkipSpace())
        {
            char c = _text[_position];
            if (c == '(')
            {
                if (open.Count == MaximumDepth)
                    throw Error($"lists nest deeper than {MaximumDepth} levels");
                open.Push(([], _line, _position - _lineStart + 1));
                _position++;
                continue;
            }

            SxpNode node;
            if (c == ')')
            {
                if (!open.TryPop(out var closed))
                    throw Error("')' closes a list that was never opened");
                _position++;
                node = new SxpList([.. closed.Items]);
            }
            else
            {
                node = c is '\'' or '"' ? Quoted(c) : Word();
            }

            (open.TryPeek(out var parent) ? parent.Items : forms).Add(node);
        }

        if (open.TryPop(out var unclosed))
            throw new SxpSyntaxException("this '(' is never closed", unclosed.Line, unclosed.Column);
        return forms;
    }

    private void SkipSpace()
    {
        while (_position < _text.Length)
        {
            char c = _text[_position];
            if (c == '#')
            {
                while (_position < _text.Length && _text[_position] != '\n')
                    _position++;
            }
            else if (SxpCharacters.IsSpace(c))
            {
                _position++;
                if (c == '\n')
                    StartLine();
            }
            else
            {
                return;
            }
        }
    }

    private SxpAtom Word()
    {
        int start = _position;
        while (_position < _text.Length && !SxpCharacters.EndsWord(_text[_position]))
            _position++;
        if (_position == start)
            throw Error($"'{_text[start]}' cannot stand outside of quotes");
        return new SxpAtom(_text[start.._position]);
    }

    private SxpAtom Quoted(char quote)
    {
        SxpSyntaxException unclosed = Error("this quote is never closed");
        StringBuilder result = new();
        for (_position++; _position < _text.Length; _position++)
        {
            char c = _text[_position];
            if (c == quote)
            {
                _position++;
                return new SxpAtom(result.ToString());
            }

            if (c == '\\')
                Escape(result);
            else
                result.Append(c);
            if (c == '\n')
                StartLine(1);
        }

        throw unclosed;
    }

    /// <summary>Reads one escape and leaves the position on its last character. Escapes for bytes above 127 are runs of UTF-8.</summary>
    private void Escape(StringBuilder result)
    {
        if (SxpEscapes.TryByteRun(_text, _position, out int length, out string bytes))
        {
            result.Append(bytes);
            _position += length - 1;
            return;
        }

        char escaped = _position + 1 < _text.Length ? _text[_position + 1] : '\0';
        if (SxpEscapes.Named(escaped) is char named)
        {
            result.Append(named);
            _position++;
        }
        else
        {
            result.Append('\\'); // an unknown escape keeps its backslash
        }
    }

    private void StartLine(int ahead = 0)
    {
        _line++;
        _lineStart = _position + ahead;
    }

    private SxpSyntaxException Error(string problem) => new(problem, _line, _position - _lineStart + 1);
}
