using System.Globalization;
using System.Text;

namespace Hospes.Host.Logging;

/// <summary>Notes how long each part of a piece of work takes, for a line of the log: <c>record 3.1, process 14.0, built 97.4 ms</c>.</summary>
internal sealed class PhaseClock(TimeProvider clock)
{
    private readonly long _begun = clock.GetTimestamp();
    private readonly StringBuilder _phases = new();
    private long _last = clock.GetTimestamp();

    /// <summary>A part ends here.</summary>
    public void Mark(string phase)
    {
        long now = clock.GetTimestamp();
        _phases.Append(_phases.Length == 0 ? "" : ", ").Append(CultureInfo.InvariantCulture, $"{phase} {clock.GetElapsedTime(_last, now).TotalMilliseconds:0.0}");
        _last = now;
    }

    /// <summary>All of it.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{clock.GetElapsedTime(_begun, _last).TotalMilliseconds:0.0} ms ({_phases})");
}
