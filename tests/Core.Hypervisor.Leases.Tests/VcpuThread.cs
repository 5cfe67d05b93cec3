using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Leases;

/// <summary>A vCPU's thread as a domain runs it: "guest code" is a loop that looks at the poll word, until it is told to sleep.</summary>
internal sealed unsafe class VcpuThread : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly IVcpuLease _lease;
    private readonly Action _end;
    private readonly Thread _thread;
    private volatile bool _sleepy;
    private volatile bool _inGuest;
    private volatile bool _yields;
    private long _sleeps;
    private long _entries;

    internal VcpuThread(IVcpuLease lease, Action end, bool sleepy = false)
    {
        _lease = lease;
        _end = end;
        _sleepy = sleepy;
        _thread = new Thread(Run) { IsBackground = true };
        _thread.Start();
    }

    /// <summary>Guest code is running at this moment.</summary>
    internal bool InGuest => _inGuest;

    internal long Sleeps => Interlocked.Read(ref _sleeps);

    internal long Entries => Interlocked.Read(ref _entries);

    /// <summary>Whether the guest has nothing to do; to be followed by a wake or an exit request.</summary>
    internal bool Sleepy
    {
        set => _sleepy = value;
    }

    internal Nanoseconds Deadline { get; set; } = Nanoseconds.Never;

    internal static void Until(Func<bool> condition, string what) => SpinWait.SpinUntil(condition, Patience).Should().BeTrue(what);

    internal void Kick() => Interlocked.Or(ref *_lease.Poll, (uint)PollBits.Exit);

    /// <summary>Has the guest offer its pCPU to others, once.</summary>
    internal void Yield() => _yields = true;

    internal void Join() => _thread.Join(Patience).Should().BeTrue("the vCPU's thread ends");

    public void Dispose()
    {
        _end();
        Join();
    }

    private void Run()
    {
        while (_lease.Acquire())
        {
            Interlocked.Increment(ref _entries);
            _inGuest = true;
            while ((Volatile.Read(ref *_lease.Poll) & (uint)PollBits.Exit) == 0 && !_sleepy && !_yields)
                Thread.SpinWait(10);
            _inGuest = false;
            if (_yields)
            {
                _lease.Yield();
                _yields = false;
                continue;
            }

            if (!_sleepy)
                continue;
            Interlocked.Increment(ref _sleeps);
            _lease.Sleep(Deadline);
        }
    }
}
