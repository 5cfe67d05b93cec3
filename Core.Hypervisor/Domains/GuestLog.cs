using System.Text;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Domains;

/// <summary>
/// What a guest makes the hypervisor say (xm dmesg). A guest can trigger every one of these lines, so they come at most so many a second; how many were
/// left out is said once there is room again.
/// </summary>
internal sealed class GuestLog(IClock clock, string prefix, Action<string> write)
{
    private const int Burst = 50;
    private const int LongestLine = 200;
    private const long RefillInterval = 100_000_000;

    private readonly Lock _lock = new();
    private readonly byte[] _line = new byte[LongestLine];
    private int _length;
    private int _allowance = Burst;
    private int _suppressed;
    private Nanoseconds _refilled = clock.Now;

    /// <summary>Says one line.</summary>
    internal void Say(string text)
    {
        lock (_lock)
            SayLocked(text);
    }

    /// <summary>Takes text that the guest writes to the hypervisor's console, and says it line by line.</summary>
    internal void Append(ReadOnlySpan<byte> text)
    {
        lock (_lock)
        {
            foreach (byte character in text)
            {
                if (character is (byte)'\n' or 0 || _length == _line.Length)
                    Flush();
                if (character is not ((byte)'\n' or (byte)'\r' or 0))
                    _line[_length++] = character is >= 0x20 and < 0x7f or (byte)'\t' ? character : (byte)'?';
            }
        }
    }

    private void Flush()
    {
        if (_length == 0)
            return;
        int length = _length;
        _length = 0;
        if (Allow())
            write(prefix + Encoding.ASCII.GetString(_line, 0, length));
    }

    private void SayLocked(string text)
    {
        if (Allow())
            write(prefix + text);
    }

    private bool Allow()
    {
        Nanoseconds now = clock.Now;
        long earned = (now - _refilled).Value / RefillInterval;
        if (earned > 0)
        {
            _allowance = (int)Math.Min(Burst, _allowance + earned);
            _refilled += new Nanoseconds(earned * RefillInterval);
        }

        if (_allowance == 0)
        {
            _suppressed++;
            return false;
        }

        _allowance--;
        if (_suppressed != 0)
        {
            write($"{prefix}({_suppressed} lines left out)");
            _suppressed = 0;
        }

        return true;
    }
}
