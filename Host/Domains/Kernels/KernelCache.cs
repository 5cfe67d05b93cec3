using Hospes.Host.Logging;
using Hospes.Host.Native;
using Hospes.Hypervisor.Builders;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Kernels;

/// <summary>
/// Kernels that domains were built from, unpacked, so that the next domain with the same one need not unpack it: that takes a tenth of a second with lz4
/// and one second with xz. Kept in memory, so many bytes at most, and for a while; given up before a domain is refused for want of memory. Any thread.
/// </summary>
internal sealed class KernelCache : IDisposable
{
    /// <summary>The most that is kept, in bytes.</summary>
    public const long MaximumBytes = 256L << 20;

    /// <summary>How long a kernel is kept that nobody asks for.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, KernelEntry> _entries = new(StringComparer.Ordinal);
    private readonly TimeProvider _clock;
    private readonly ILogger<KernelCache> _log;
    private readonly ITimer _cleaner;

    public KernelCache(TimeProvider clock, ILogger<KernelCache> log)
    {
        (_clock, _log) = (clock, log);
        _cleaner = clock.CreateTimer(_ => Forget(entry => clock.GetElapsedTime(entry.Used) > Lifetime), null, Lifetime, Lifetime);
    }

    /// <summary>What is kept now, in bytes.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
                return _entries.Values.Sum(static entry => entry.Bytes);
        }
    }

    /// <summary>The file for a kernel; null: there is none to be had, as another domain's process is filling it just now, or there is no such kernel.</summary>
    public KernelLoan? Lend(string path)
    {
        if (FileIdentity.Of(path) is not { } identity)
            return null;
        lock (_lock)
        {
            if (_entries.TryGetValue(path, out KernelEntry? entry) && entry.Identity == identity)
                return entry.IsComplete ? Lend(entry, static _ => { }) : null;
            entry?.Dispose();
            _entries.Remove(path);
            try
            {
                entry = new KernelEntry(identity, UnpackedKernel.Create());
                KernelLoan loan = Lend(entry, isBuilt => Settle(path, entry, isBuilt));
                _entries[path] = entry;
                return loan;
            }
            catch (IOException failure)
            {
                _log.Debug($"{path} is not kept unpacked: {failure.Message}");
                return null;
            }
        }
    }

    /// <summary>Gives all up; what is lent stays until it is given back.</summary>
    public void Clear() => Forget(static _ => true);

    /// <inheritdoc/>
    public void Dispose()
    {
        _cleaner.Dispose();
        Clear();
    }

    private KernelLoan Lend(KernelEntry entry, Action<bool> end)
    {
        entry.Used = _clock.GetTimestamp();
        int own = Libc.Fcntl((int)entry.File.DangerousGetHandle(), Libc.DuplicateCloseOnExec, 0);
        return own >= 0 ? new KernelLoan(new SafeFileHandle(own, ownsHandle: true), end) : throw Libc.Failure("cannot lend a kernel's memory file");
    }

    private void Settle(string path, KernelEntry entry, bool isBuilt)
    {
        lock (_lock)
        {
            if (entry.File.IsClosed)
                return; // given up meanwhile
            entry.IsComplete = isBuilt && UnpackedKernel.IsComplete(entry.File) && FileIdentity.Of(path) == entry.Identity;
            if (!entry.IsComplete)
            {
                _entries.Remove(path);
                entry.Dispose();
                return;
            }

            entry.Bytes = RandomAccess.GetLength(entry.File);
            while (_entries.Values.Sum(static other => other.Bytes) > MaximumBytes)
                Remove(_entries.MinBy(static other => other.Value.Used).Key);
        }
    }

    private void Forget(Func<KernelEntry, bool> which)
    {
        lock (_lock)
        {
            foreach (string path in _entries.Where(entry => which(entry.Value)).Select(static entry => entry.Key).ToArray())
                Remove(path);
        }
    }

    private void Remove(string path)
    {
        if (_entries.Remove(path, out KernelEntry? entry))
            entry.Dispose();
    }
}
