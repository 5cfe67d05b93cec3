using System.Text.Json;
using Hospes.Host.Logging;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>
/// Writes denials down, each a line of JSON. What a guest can bring about by itself is written at a limited rate; the next line that is says how many were
/// not. Any thread.
/// </summary>
internal sealed class AuditLog : IDisposable
{
    private const int BurstLines = 50;
    private static readonly TimeSpan Refill = TimeSpan.FromMilliseconds(100);

    private readonly RotatingFile _file;
    private readonly TimeProvider _clock;
    private readonly Lock _lock = new();
    private double _left = BurstLines;
    private long _filled;
    private long _unwritten;
    private long _count;

    /// <summary>Opens the log.</summary>
    /// <exception cref="IOException">It cannot be written: an appliance that cannot audit does not start.</exception>
    public AuditLog(HostPaths paths, TimeProvider clock)
    {
        _file = new RotatingFile(paths.SecurityAudit, lostLine: static lost => $"{{\"lost\":{lost}}}"); // JSON, as all lines here
        _clock = clock;
        _filled = clock.GetTimestamp();
    }

    /// <summary>Denials since the daemon was started, by operation.</summary>
    public IReadOnlyDictionary<SecurityOperation, long> Denials
    {
        get
        {
            lock (_lock)
                return new Dictionary<SecurityOperation, long>(_denials);
        }
    }

    private readonly Dictionary<SecurityOperation, long> _denials = [];

    /// <summary>Writes a denial down.</summary>
    /// <param name="operation">What was attempted.</param>
    /// <param name="decision">The denial.</param>
    /// <param name="status">What is in force; asked when a line is written.</param>
    /// <param name="isGuests">A guest can bring it about as often as it likes.</param>
    public void Write(SecurityOperation operation, SecurityDecision decision, Func<SecurityStatus> status, bool isGuests)
    {
        string line;
        lock (_lock)
        {
            _denials[operation] = _denials.GetValueOrDefault(operation) + 1;
            _count++;
            long now = _clock.GetTimestamp();
            _left = Math.Min(BurstLines, _left + _clock.GetElapsedTime(_filled, now) / Refill);
            _filled = now;
            if (isGuests && _left < 1)
            {
                _unwritten++;
                return;
            }

            if (isGuests)
                _left--;
            SecurityStatus force = status();
            AuditRecord record = new(
                _clock.GetUtcNow(), operation.ToString(), decision.Subject ?? "", decision.Object ?? "", decision.Rule ?? "", force.Policy, force.Fingerprint, _count, _unwritten);
            _unwritten = 0;
            line = JsonSerializer.Serialize(record, AuditJson.Default.AuditRecord);
        }

        _file.WriteLine(line);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
