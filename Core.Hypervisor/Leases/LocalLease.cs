using System.Runtime.InteropServices;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Leases;

/// <summary>A lease that needs no Host: always granted. For domains that run inside a test or a tool.</summary>
public sealed unsafe class LocalLease : IVcpuLease, IDisposable
{
    private const uint Awake = 0;
    private const uint Asleep = 1;
    private const uint WakePending = 2;

    // Two cache lines of native memory: the engine's poll word, and the word to sleep on. Freed when the thread is gone.
    private readonly uint* _poll;
    private readonly uint* _sleep;
    private long _clock;
    private volatile bool _ended;

    /// <summary>A lease for one vCPU.</summary>
    public LocalLease()
    {
        _poll = (uint*)NativeMemory.AlignedAlloc(2 * LeaseLine.Size, LeaseLine.Size);
        NativeMemory.Clear(_poll, 2 * LeaseLine.Size);
        _sleep = _poll + (LeaseLine.Size / sizeof(uint));
    }

    /// <inheritdoc/>
    public uint* Poll => _poll;

    /// <inheritdoc/>
    public Nanoseconds CpuTime => LeaseClock.Total(Volatile.Read(ref _clock), MonotonicClock.Now);

    /// <inheritdoc/>
    public bool IsOnline { get; set; }

    /// <inheritdoc/>
    public bool Acquire()
    {
        // Cleared first: an End that comes after this is seen below or stops the guest code.
        Interlocked.And(ref *_poll, ~(uint)PollBits.Exit);
        if (_ended)
        {
            StopClock();
            return false;
        }
        LeaseClock.Start(ref _clock, MonotonicClock.Now);
        return true;
    }

    /// <inheritdoc/>
    public void Sleep(Nanoseconds deadline)
    {
        StopClock();
        if (Interlocked.CompareExchange(ref *_sleep, Asleep, Awake) == Awake)
        {
            while (Volatile.Read(ref *_sleep) == Asleep && !_ended && MonotonicClock.Now < deadline)
                Futex.Wait(_sleep, Asleep, deadline);
        }
        Interlocked.Exchange(ref *_sleep, Awake);
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (Interlocked.Exchange(ref *_sleep, WakePending) == Asleep)
            Futex.Wake(_sleep, 1);
    }

    /// <summary>Ends the vCPU: <see cref="Acquire"/> answers false from now on, and guest code that is running stops at its next poll. Any thread.</summary>
    public void End()
    {
        _ended = true;
        Interlocked.Or(ref *_poll, (uint)PollBits.Exit);
        Wake();
    }

    /// <summary>To be called when the vCPU's thread is gone.</summary>
    public void Dispose() => NativeMemory.AlignedFree(_poll);

    private void StopClock() => LeaseClock.Stop(ref _clock, MonotonicClock.Now);
}
