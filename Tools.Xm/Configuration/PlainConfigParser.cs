namespace Hospes.Xm.Configuration;

/// <summary>
/// Reads files that only assign values, which most do, without starting Python:
/// <c>disk = ['phy:hda1,hda1,w', # root</c> newline <c> base + ',sda2,w']; memory = 64</c>.
/// </summary>
/// <remarks>
/// Whatever goes beyond that (if, def, %, calls ...), and every mistake, ends the attempt: Python then judges the file,
/// and the place where this parser stopped is only told where there is no Python.
/// </remarks>
internal sealed class PlainConfigParser
{
    private static readonly HashSet<string> Keywords = new(StringComparer.Ordinal)
    {
        "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from",
        "global", "if", "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    };

    private readonly PlainTokens _tokens;
    private readonly Dictionary<string, ConfigValue> _names = new(StringComparer.Ordinal);
    private readonly ConfigDocument _document = new();

    private PlainConfigParser(string text, IReadOnlyDictionary<string, string> variables)
    {
        _tokens = new PlainTokens(text);
        foreach ((string name, string value) in variables)
            _names[name] = new TextValue(value);
    }

    /// <param name="text">The file.</param>
    /// <param name="variables">Settings of the command line, which the file sees as strings.</param>
    /// <exception cref="NotPlainException">It takes Python to understand the file, or not even that will do.</exception>
    public static ConfigDocument Parse(string text, IReadOnlyDictionary<string, string> variables)
    {
        PlainConfigParser parser = new(text, variables);
        parser.ReadFile();
        return parser._document;
    }

    private void ReadFile()
    {
        while (_tokens.SkipToStatement())
        {
            ReadStatement();
            while (_tokens.Take(';') && !_tokens.AtLineEnd)
                ReadStatement();
            if (!_tokens.AtLineEnd)
                throw _tokens.NotPlain("the end of the line was expected");
        }
    }

    private void ReadStatement()
    {
        int line = _tokens.Line;
        List<string> targets = [TargetName()];
        if (_tokens.Take('+', '='))
        {
            Assign(targets[0], Add(Lookup(targets[0]), Expression()), line);
            return;
        }

        TakeEquals();
        while (_tokens.IsAssignmentAhead())
        {
            targets.Add(TargetName());
            TakeEquals();
        }

        ConfigValue? value = Expression(allowTuple: true);
        foreach (string target in targets)
            Assign(target, value, line);
    }

    private string TargetName()
    {
        string name = _tokens.Name() ?? throw _tokens.NotPlain("an assignment 'name = value' was expected");
        return Keywords.Contains(name) || name is "None" or "True" or "False" ? throw _tokens.NotPlain("a variable's name was expected") : name;
    }

    private void TakeEquals()
    {
        if (_tokens.Peek('=', '=') || !_tokens.Take('='))
            throw _tokens.NotPlain("'=' was expected");
    }

    private void Assign(string name, ConfigValue? value, int line)
    {
        _names.Remove(name);
        _document.Assignments.Remove(name);
        if (value is null)
            return;
        _names[name] = value;
        _document.Assignments[name] = new ConfigAssignment(value, line);
    }

    /// <summary>Null stands for None, which leaves a variable unset.</summary>
    private ConfigValue? Expression(bool allowTuple = false)
    {
        ConfigValue? value = Term();
        while (!_tokens.Peek('+', '=') && _tokens.Take('+'))
            value = Add(value, Term());
        if (!allowTuple || !_tokens.Peek(','))
            return value;
        List<ConfigValue> items = [Present(value)];
        while (_tokens.Take(',') && !_tokens.AtLineEnd)
            items.Add(Present(Expression()));
        return new ListValue(items);
    }

    private ConfigValue? Term()
    {
        if (_tokens.TakeOpen('['))
            return new ListValue(Items(']'));
        if (_tokens.TakeOpen('('))
            return Parenthesised();
        if (_tokens.Text() is { } text)
            return new TextValue(text);
        if (_tokens.Number() is { } number)
            return number;
        return _tokens.Name() switch
        {
            null => throw _tokens.NotPlain("a value was expected"),
            "True" => new IntegerValue(1),
            "False" => new IntegerValue(0),
            "None" => null,
            string name => Lookup(name),
        };
    }

    /// <summary>After '(': a value in brackets, or a tuple if there is a comma.</summary>
    private ConfigValue? Parenthesised()
    {
        if (_tokens.TakeClose(')'))
            return new ListValue([]);
        ConfigValue? first = Expression();
        if (_tokens.TakeClose(')'))
            return first;
        if (!_tokens.Take(','))
            throw _tokens.NotPlain("',' or ')' was expected");
        return new ListValue([Present(first), .. Items(')')]);
    }

    private List<ConfigValue> Items(char close)
    {
        List<ConfigValue> items = [];
        while (!_tokens.TakeClose(close))
        {
            items.Add(Present(Expression()));
            if (!_tokens.Peek(close) && !_tokens.Take(','))
                throw _tokens.NotPlain($"',' or '{close}' was expected");
        }

        return items;
    }

    private ConfigValue Lookup(string name)
    {
        if (!_names.TryGetValue(name, out ConfigValue? value))
            throw _tokens.NotPlain($"'{name}' is not a variable that has a value here");
        _document.UsedNames.Add(name);
        return value;
    }

    private ConfigValue Present(ConfigValue? value) => value ?? throw _tokens.NotPlain("None cannot stand here");

    private ConfigValue Add(ConfigValue? left, ConfigValue? right) => (left, right) switch
    {
        (TextValue a, TextValue b) => new TextValue(a.Text + b.Text),
        (ListValue a, ListValue b) => new ListValue([.. a.Items, .. b.Items]),
        (IntegerValue a, IntegerValue b) when long.Abs(a.Number) < int.MaxValue && long.Abs(b.Number) < int.MaxValue => new IntegerValue(a.Number + b.Number),
        _ => throw _tokens.NotPlain("these two cannot be added"),
    };
}
