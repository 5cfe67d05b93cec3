using System.Globalization;
using System.Text;
using Hospes.Xm.Terminal;

namespace Hospes.Xm.Top;

/// <summary>
/// <c>xm top</c> in a terminal: the whole screen, drawn anew at each delay and each key (keys: fact sheet "xm", section 8). The terminal gets back what
/// it showed before.
/// </summary>
internal sealed unsafe class TopScreen(XmSession session, TopOptions start)
{
    // ECMA-48 and xterm: alternate screen, cursor, home, erase to the end.
    private const string Enter = "\e[?1049h\e[?25l";
    private const string Leave = "\e[?25h\e[?1049l";
    private const string Home = "\e[H";
    private const string EraseLine = "\e[K\r\n";
    private const string EraseBelow = "\e[J";
    private const string Reverse = "\e[7m";
    private const string Plain = "\e[0m";
    private const char Escape = '\e';
    private const char ControlC = '\x03';
    private const char Backspace = '\b';
    private const char Delete = '\x7f';

    private const double LongestWait = 200; // ms
    private const int FallbackRows = 24;
    private const int FallbackColumns = 160;

    private TopOptions _options = start;
    private int _first;
    private string? _prompt;
    private volatile bool _ends;

    /// <summary>Draws until somebody has seen enough, or as many times as were asked for.</summary>
    public void Run(int iterations)
    {
        XmEnvironment environment = session.Environment;
        using RawTerminal? terminal = RawTerminal.Enter(environment.InputFd);
        using IDisposable interrupts = environment.Interrupts.Handle(_ => _ends = true);
        session.Out.Write(Enter);
        try
        {
            TopSample? sample = null;
            for (int shown = 0; !_ends && (iterations == 0 || shown < iterations); shown++)
            {
                sample = TopSample.Take(session, sample, _options.ShowsVcpus);
                long end = environment.Clock.GetTimestamp() + (long)(_options.Delay.TotalSeconds * environment.Clock.TimestampFrequency);
                do
                    Draw(sample);
                while (!_ends && ReadKeys(environment, end));
            }
        }
        finally
        {
            session.Out.Write(Leave);
            session.Out.Flush();
        }
    }

    private void Draw(TopSample sample)
    {
        (int rows, int columns) = WindowSize.Of(session.Environment.OutputFd) ?? (FallbackRows, FallbackColumns);
        string[] summary = [.. sample.Summary()];
        string[] table = [.. TopTable.Lines(sample, _options)];
        int room = Math.Max(1, rows - summary.Length - 1);
        _first = Math.Clamp(_first, 0, Math.Max(0, table.Length - room));
        StringBuilder screen = new(Home);
        foreach (string line in summary)
            screen.Append(Cut(line, columns)).Append(EraseLine);
        foreach (string line in table.Skip(_first).Take(room))
        {
            bool isHeader = line == TopTable.Header;
            screen.Append(isHeader ? Reverse : "").Append(Cut(line, columns)).Append(isHeader ? Plain : "").Append(EraseLine);
        }

        screen.Append(EraseBelow);
        screen.Append(Cut(_prompt is null ? "  Delay  Networks  vBds  Vcpus  Repeat header  Sort order  Quit" : $"Delay(sec): {_prompt}", columns)).Append("\e[K");
        session.Out.Write(screen.ToString());
        session.Out.Flush();
    }

    // True: a key was pressed, draw again; false: the delay is over.
    private bool ReadKeys(XmEnvironment environment, long end)
    {
        PollRequest request = new() { Fd = environment.InputFd, Events = Libc.PollIn };
        int ready = 0;
        while (ready == 0)
        {
            // In short waits: a signal that asks to end comes on another thread.
            double left = (end - environment.Clock.GetTimestamp()) * 1000.0 / environment.Clock.TimestampFrequency;
            if (_ends || left <= 0)
                return false;
            ready = Libc.Poll(&request, 1, (int)Math.Ceiling(Math.Min(left, LongestWait)));
        }

        if (ready < 0)
            return true;
        byte* keys = stackalloc byte[64];
        nint count = Libc.Read(environment.InputFd, keys, 64);
        if (count <= 0)
        {
            _ends = true; // the terminal is gone
            return false;
        }

        Take(Encoding.ASCII.GetString(keys, (int)count));
        return true;
    }

    private void Take(string keys)
    {
        switch (keys)
        {
            case "\e[A" or "\eOA":
                _first--;
                return;
            case "\e[B" or "\eOB":
                _first++;
                return;
        }

        foreach (char key in keys)
        {
            if (_prompt is not null)
                Answer(key);
            else
                Command(char.ToUpperInvariant(key));
        }
    }

    private void Command(char key)
    {
        switch (key)
        {
            case 'Q' or Escape or ControlC:
                _ends = true;
                break;
            case 'D':
                _prompt = "";
                break;
            case 'N':
                _options = _options with { ShowsNetworks = !_options.ShowsNetworks };
                break;
            case 'B':
                _options = _options with { ShowsDisks = !_options.ShowsDisks };
                break;
            case 'V':
                _options = _options with { ShowsVcpus = !_options.ShowsVcpus };
                break;
            case 'R':
                _options = _options with { RepeatsHeader = !_options.RepeatsHeader };
                break;
            case 'S':
                _options = _options with { SortedBy = _options.SortedBy + 1 < TopColumn.All.Count ? _options.SortedBy + 1 : -1 };
                break;
        }
    }

    private void Answer(char key)
    {
        switch (key)
        {
            case '\r' or '\n':
                if (double.TryParse(_prompt, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 100_000)
                    _options = _options with { Delay = TimeSpan.FromSeconds(seconds) };
                _prompt = null;
                break;
            case Escape or ControlC:
                _prompt = null;
                break;
            case Backspace or Delete:
                _prompt = _prompt!.Length == 0 ? null : _prompt[..^1];
                break;
            case '.' or (>= '0' and <= '9'):
                _prompt += key;
                break;
        }
    }

    private static string Cut(string line, int columns) => line.Length <= columns ? line : line[..columns];
}
