using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Backends.Devices;

/// <summary>
/// A back-end's thread. It sleeps in <see cref="Wait()"/> until somebody signals, or until a descriptor of its own (a tap, say) is readable. What its
/// body throws is given to the device and ends this thread alone.
/// </summary>
/// <remarks>The signal is an eventfd(2): signalling costs a vCPU's thread one system call, and only when the worker has not been signalled already.</remarks>
public sealed unsafe class BackendWorker : IDisposable
{
    private const int MostDescriptors = 8;
    private const long LongestPoll = 100_000; // nanoseconds
    private const long NanosecondsPerMicrosecond = 1000;

    private readonly Thread _thread;
    private readonly SafeFileHandle _event;
    private PollWindow _polls = new(LongestPoll);
    private Nanoseconds _idleFrom;
    private int _signalled;
    private volatile bool _looks; // for signals, without sleeping
    private volatile bool _isStopping;

    /// <summary>Makes the worker; <see cref="Start"/> lets it run.</summary>
    /// <param name="name">For people who look at threads.</param>
    /// <param name="body">Runs until <see cref="IsStopping"/>.</param>
    /// <param name="failed">Gets what the body threw, on the worker's thread.</param>
    /// <exception cref="IOException">The system has no descriptor left.</exception>
    public BackendWorker(string name, Action<BackendWorker> body, Action<Exception> failed)
    {
        _event = new SafeFileHandle(Libc.EventFd(0, Libc.EventFdCloexec | Libc.EventFdNonblock), ownsHandle: true);
        if (_event.IsInvalid)
            throw Libc.Failure("cannot make an event descriptor for a back-end");
        _thread = new Thread(() => Run(body, failed), 256 * 1024) { IsBackground = true, Name = name };
    }

    /// <summary>The body is to return.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>The descriptor behind the signal, for those that must be told by the kernel (io_uring's notifications). Reading it is the worker's.</summary>
    public int SignalDescriptor => (int)_event.DangerousGetHandle();

    /// <summary>Begins.</summary>
    public void Start() => _thread.Start();

    /// <summary>Ends a present or the next <see cref="Wait()"/>. Any thread; never blocks.</summary>
    public void Signal()
    {
        if (Interlocked.Exchange(ref _signalled, 1) != 0 || _looks)
            return;
        ulong one = 1;
        bool isHeld = false;
        try
        {
            _event.DangerousAddRef(ref isHeld);
            _ = Libc.Write(SignalDescriptor, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // A vCPU that was on its way here while the back-end went: there is nobody to be told any more.
        }
        finally
        {
            if (isHeld)
                _event.DangerousRelease();
        }
    }

    /// <summary>
    /// Looks for a signal or other work without sleeping, if recent waits were short. True: there is some. False: the caller waits. Worker's thread only.
    /// </summary>
    /// <param name="hasWork">Whether there is work that nobody signals; called again and again.</param>
    /// <param name="microseconds">Looks no longer than this, and so long at any rate: a timer that short costs more. -1: as long as it has paid.</param>
    internal bool Linger(Func<bool> hasWork, long microseconds = -1)
    {
        Nanoseconds now = _idleFrom = MonotonicClock.Now;
        Nanoseconds until = now + new Nanoseconds(microseconds < 0 ? _polls.Span : Math.Min(microseconds * NanosecondsPerMicrosecond, LongestPoll));
        if (now == until)
            return false;
        _looks = true;
        bool isFound;
        while (!(isFound = Volatile.Read(ref _signalled) != 0 || hasWork()) && now < until && _polls.Relax(ref now))
        {
        }

        _looks = false;
        // Who signals from here on writes again; who did so while we looked has left the mark before this.
        Interlocked.MemoryBarrier();
        return Interlocked.Exchange(ref _signalled, 0) != 0 || isFound;
    }

    /// <summary>Sleeps until signalled.</summary>
    public void Wait() => Wait([]);

    /// <summary>Sleeps until signalled, or until one of the descriptors is readable; answers a bit for each that is.</summary>
    /// <param name="readable">At most eight.</param>
    /// <param name="microseconds">Sleeps no longer than this; -1: as long as it takes.</param>
    public uint Wait(ReadOnlySpan<int> readable, long microseconds = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(readable.Length, MostDescriptors);
        PollEntry* entries = stackalloc PollEntry[MostDescriptors + 1];
        entries[0] = new PollEntry { Descriptor = SignalDescriptor, Events = Libc.PollIn };
        for (int index = 0; index < readable.Length; index++)
            entries[index + 1] = new PollEntry { Descriptor = readable[index], Events = Libc.PollIn };
        if (_idleFrom == default)
            _idleFrom = MonotonicClock.Now;
        uint ready = 0;
        long* limit = stackalloc long[2] { microseconds / 1_000_000, microseconds % 1_000_000 * 1000 }; // struct timespec
        while (Libc.Ppoll(entries, (nuint)readable.Length + 1, microseconds < 0 ? null : limit, null) < 0)
        {
            // Interrupted: nothing has been looked at.
        }

        for (int index = 0; index < readable.Length; index++)
        {
            if (entries[index + 1].Returned != 0)
                ready |= 1u << index;
        }

        if (entries[0].Returned != 0)
        {
            ulong count;
            _ = Libc.Read(SignalDescriptor, &count, sizeof(ulong));
            Volatile.Write(ref _signalled, 0);

            // Whoever signals from here on writes again; what was signalled before is seen by the look that follows.
            Interlocked.MemoryBarrier();
        }

        // A timer of its own is no work that comes early.
        if (ready != 0 || entries[0].Returned != 0)
            _polls.Waited((MonotonicClock.Now - _idleFrom).Value);
        _idleFrom = default;
        return ready;
    }

    /// <summary>Tells the body to return and waits until it has. Not from the worker itself.</summary>
    public void Dispose()
    {
        _isStopping = true;
        Signal();
        if ((_thread.ThreadState & ThreadState.Unstarted) == 0)
            _thread.Join();
        _event.Dispose();
    }

    private void Run(Action<BackendWorker> body, Action<Exception> failed)
    {
        // Short slices: woken on the CPU of a vCPU that goes on running it goes before that, instead of waiting for it to sleep.
        HostThread.MakeOrdinary();
        try
        {
            body(this);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            failed(failure);
        }
    }
}
