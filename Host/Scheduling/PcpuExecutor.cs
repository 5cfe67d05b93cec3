using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>
/// A pCPU's thread: sleeps at the pCPU's doorbell until it rings, then lets the scheduler service look. It is bound to
/// the pCPU's host CPU and goes before every ordinary thread, where that is allowed: the end of a turn is then noticed whatever the CPUs are doing.
/// </summary>
internal sealed class PcpuExecutor
{
    /// <summary>Real-time priority, if allowed. Low among these: the host's own real-time work goes first.</summary>
    internal const int Priority = 10;

    private readonly DoorbellPage _bells;
    private readonly Action<PcpuId, bool> _look;
    private readonly Lock _lock = new();
    private Thread? _thread;
    private int _threadId;
    private volatile bool _stopping;

    /// <param name="pcpu">Which one.</param>
    /// <param name="bells">The doorbells.</param>
    /// <param name="look">Does what is due and sees to it that the bell rings when more is; is told whether it is called on the pCPU's own host CPU.</param>
    internal PcpuExecutor(PcpuId pcpu, DoorbellPage bells, Action<PcpuId, bool> look)
    {
        Pcpu = pcpu;
        _bells = bells;
        _look = look;
    }

    /// <summary>Which one.</summary>
    internal PcpuId Pcpu { get; }

    internal void Start()
    {
        lock (_lock)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = $"pcpu {Pcpu}" };
            _thread.Start();
        }
    }

    /// <summary>Goes on with a new thread if this one of the host's is the present one, which is stuck. It ends when it comes back.</summary>
    internal void Replace(int stuckThread)
    {
        if (Volatile.Read(ref _threadId) == stuckThread)
            Start();
    }

    internal void Stop()
    {
        _stopping = true;
        Thread? thread;
        lock (_lock)
            thread = _thread;
        if (thread is null)
            return;
        _bells.Ring(Pcpu.Value);
        thread.Join();
    }

    private void Run()
    {
        int self = HostThread.CurrentId;
        Volatile.Write(ref _threadId, self);
        int hostCpu = _bells.HostCpu(Pcpu.Value);
        bool isAtHome = hostCpu >= 0 && CpuAffinity.TryBind(hostCpu);
        HostThread.TryMakeRealTime(Priority);
        while (!_stopping && Volatile.Read(ref _threadId) == self)
        {
            // The count is read before looking: a ring that comes while we look keeps the wait from beginning.
            uint seen = _bells.Rings(Pcpu.Value);
            _look(Pcpu, isAtHome);
            if (!_stopping)
                _bells.Wait(Pcpu.Value, seen, Nanoseconds.Never);
        }
    }
}
