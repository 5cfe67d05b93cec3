using System.Runtime.InteropServices;
using Hospes.Hypervisor.Leases;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Fakes;

/// <summary>A lease on a pCPU that nobody else wants.</summary>
internal sealed unsafe class LocalLease(FakeClock clock) : IVcpuLease
{
    private volatile bool _ended;
    private volatile bool _woken;
    private int _sleeps;

    ~LocalLease() => NativeMemory.Free(Poll);

    public uint* Poll { get; } = (uint*)NativeMemory.AllocZeroed(sizeof(uint));

    public Nanoseconds CpuTime => new(0);

    public bool IsOnline { get; set; }

    /// <summary>How often the vCPU has gone to sleep.</summary>
    internal int Sleeps => Volatile.Read(ref _sleeps);

    /// <summary>How often the vCPU has offered its pCPU to others.</summary>
    internal int Yields { get; private set; }

    /// <summary>Poll bits as they are.</summary>
    internal PollBits Bits => (PollBits)Volatile.Read(ref *Poll);

    public bool Acquire()
    {
        Interlocked.And(ref *Poll, ~(uint)PollBits.Exit);
        return !_ended;
    }

    public void Yield() => Yields++;

    public void Sleep(Nanoseconds deadline)
    {
        Interlocked.Increment(ref _sleeps);
        clock.Pulse();
        clock.WaitUntil(deadline, () => _woken || _ended);
        _woken = false;
    }

    public void Wake()
    {
        _woken = true;
        clock.Pulse();
    }

    internal void End()
    {
        _ended = true;
        clock.Pulse();
    }
}
