using System.Text;
using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Workloads;

/// <summary>
/// Reads the little of Python that workload files consist of: one assignment of dictionaries, lists and strings. Nothing is run. Also takes JSON, whose
/// strings and lists look the same.
/// </summary>
internal sealed class WorkloadText(string text)
{
    private const int MostCharacters = 1 << 20;
    private const int MostDepth = 8;

    private int _at;

    /// <summary>The value: a dictionary, list or string.</summary>
    /// <exception cref="SecurityPolicyException">It is something else.</exception>
    public object Read()
    {
        if (text.Length > MostCharacters)
            throw Wrong($"it has {text.Length} characters, and may have {MostCharacters}");
        Skip();
        if (string.CompareOrdinal(text, _at, "ezpolicy", 0, 8) == 0)
        {
            _at += 8;
            Expect('=');
        }

        object value = Value(0);
        Skip();
        return _at == text.Length ? value : throw Wrong("something follows its end");
    }

    private object Value(int depth)
    {
        if (depth > MostDepth)
            throw Wrong("it goes too deep");
        Skip();
        char first = _at < text.Length ? text[_at] : '\0';
        return first switch
        {
            '{' => Dictionary(depth),
            '[' or '(' => List(depth, first == '[' ? ']' : ')'),
            '\'' or '"' => String(first),
            _ => throw Wrong("a dictionary, list or string is expected"),
        };
    }

    private Dictionary<string, object> Dictionary(int depth)
    {
        Dictionary<string, object> fields = new(StringComparer.Ordinal);
        _at++;
        while (!Take('}'))
        {
            if (Value(depth + 1) is not string key)
                throw Wrong("a key is a string");
            Expect(':');
            fields[key] = Value(depth + 1);
            if (!Take(',') && !Peek('}'))
                throw Wrong("',' or '}' is expected");
        }

        return fields;
    }

    private List<object> List(int depth, char end)
    {
        List<object> items = [];
        _at++;
        while (!Take(end))
        {
            items.Add(Value(depth + 1));
            if (!Take(',') && !Peek(end))
                throw Wrong($"',' or '{end}' is expected");
        }

        return items;
    }

    private string String(char quote)
    {
        StringBuilder value = new();
        for (_at++; _at < text.Length && text[_at] is not ('\n' or '\\'); _at++)
        {
            if (text[_at] == quote)
            {
                _at++;
                return value.ToString();
            }

            value.Append(text[_at]);
        }

        throw Wrong("a string ends in its line and has no backslashes");
    }

    private void Skip()
    {
        while (_at < text.Length && (char.IsWhiteSpace(text[_at]) || text[_at] == '#'))
        {
            if (text[_at] == '#')
                _at = text.IndexOf('\n', _at) is >= 0 and int end ? end : text.Length - 1;
            _at++;
        }
    }

    private bool Peek(char wanted)
    {
        Skip();
        return _at < text.Length && text[_at] == wanted;
    }

    private bool Take(char wanted)
    {
        if (!Peek(wanted))
            return _at >= text.Length ? throw Wrong($"'{wanted}' is missing") : false;
        _at++;
        return true;
    }

    private void Expect(char wanted)
    {
        if (!Take(wanted))
            throw Wrong($"'{wanted}' is expected");
    }

    private SecurityPolicyException Wrong(string why)
    {
        string before = text[..Math.Min(_at, text.Length)];
        int line = before.Count(static letter => letter == '\n') + 1;
        return new SecurityPolicyException($"This is no workload definition: line {line}, column {_at - before.LastIndexOf('\n')}: {why}");
    }
}
