using Hospes.Xm.Terminal;

namespace Hospes.Xm;

/// <summary>Everything that xm takes from the process it runs in, so that tests can run it inside their own.</summary>
internal sealed record XmEnvironment
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Reads an environment variable; null if it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    public required string WorkingDirectory { get; init; }

    public bool IsRoot { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Waits between two looks at something that changes by itself.</summary>
    public Action<TimeSpan> Wait { get; init; } = Thread.Sleep;

    public Interrupts Interrupts { get; init; } = new();

    /// <summary>Descriptor that a console reads keys from.</summary>
    public int InputFd { get; init; }

    /// <summary>Descriptor that a console writes to.</summary>
    public int OutputFd { get; init; } = 1;

    /// <summary>How long the host has been up, which is how long domain 0 has.</summary>
    public Func<TimeSpan> HostUptime { get; init; } = ReadHostUptime;

    /// <summary>How long a configuration file may think.</summary>
    public TimeSpan ConfigTimeLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long an interrupted create waits for xend to finish what it began.</summary>
    public TimeSpan InterruptPatience { get; init; } = TimeSpan.FromSeconds(10);

    private static TimeSpan ReadHostUptime() =>
        TimeSpan.FromSeconds(double.Parse(File.ReadAllText("/proc/uptime").Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));
}
