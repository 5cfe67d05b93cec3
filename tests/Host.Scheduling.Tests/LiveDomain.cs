using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Engines;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Scheduling;

/// <summary>
/// A domain's side with real threads. Its vCPUs pass tokens around: one that has none sleeps until it is woken, so a single lost wake-up or lost
/// grant brings the count to a stop.
/// </summary>
internal sealed unsafe class LiveDomain : IDisposable
{
    private readonly Thread[] _threads;
    private readonly int[] _tokens;
    private readonly Occupancy _occupancy;
    private readonly TimeSpan _work;
    private volatile bool _finished;
    private long _passes;

    internal LiveDomain(ushort id, int vcpus, SafeFileHandle doorbells, Occupancy occupancy, TimeSpan? work = null)
    {
        Id = new DomainId(id);
        _occupancy = occupancy;
        _work = work ?? TimeSpan.Zero;
        Leases = new DomainLeases(vcpus, Reopened(doorbells), paused: false);
        _tokens = new int[vcpus];
        _threads = [.. Enumerable.Range(0, vcpus).Select(vcpu => new Thread(() => Run(vcpu)) { IsBackground = true })];
    }

    internal DomainId Id { get; }

    internal DomainLeases Leases { get; }

    /// <summary>Tokens passed on so far.</summary>
    internal long Passes => Interlocked.Read(ref _passes);

    internal void Start() => Array.ForEach(_threads, thread => thread.Start());

    internal void Give(int vcpu)
    {
        Interlocked.Increment(ref _tokens[vcpu]);
        Leases[new VcpuId(vcpu)].Wake();
    }

    /// <summary>A handle of its own to the same memory file, as another process would get.</summary>
    internal static SafeFileHandle Reopened(SafeFileHandle handle) =>
        File.OpenHandle($"/proc/self/fd/{handle.DangerousGetHandle()}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    public void Dispose()
    {
        _finished = true;
        Leases.End();
        foreach (Thread thread in _threads)
        {
            if (!thread.ThreadState.HasFlag(ThreadState.Unstarted) && !thread.Join(TimeSpan.FromSeconds(10)))
                throw new TimeoutException($"a vCPU of domain {Id} does not end");
        }
        Leases.Dispose();
    }

    private void Run(int vcpu)
    {
        VcpuLease lease = Leases[new VcpuId(vcpu)];
        var random = new Random(vcpu);
        while (lease.Acquire())
        {
            _occupancy.Enter(lease.State);
            bool sleepy = RunGuest(lease, vcpu, random);
            _occupancy.Leave();
            if (sleepy)
                lease.Sleep(random.Next(4) == 0 ? MonotonicClock.Now + new Nanoseconds(random.Next(2_000_000)) : Nanoseconds.Never);
        }
    }

    // True: nothing to do; false: asked to leave.
    private bool RunGuest(VcpuLease lease, int vcpu, Random random)
    {
        while ((Volatile.Read(ref *lease.Poll) & (uint)PollBits.Exit) == 0)
        {
            if (Volatile.Read(ref _tokens[vcpu]) == 0)
                return true;
            Interlocked.Decrement(ref _tokens[vcpu]);
            Work(lease);
            Interlocked.Increment(ref _passes);
            Give(random.Next(_tokens.Length));
        }
        return _finished;
    }

    private void Work(VcpuLease lease)
    {
        Nanoseconds end = MonotonicClock.Now + new Nanoseconds(_work.Ticks * TimeSpan.NanosecondsPerTick);
        while (MonotonicClock.Now < end && (Volatile.Read(ref *lease.Poll) & (uint)PollBits.Exit) == 0)
            Thread.SpinWait(20);
    }
}
