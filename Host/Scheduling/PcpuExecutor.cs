using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Native;
using Hospes.Sdk;

namespace Hospes.Host.Scheduling;

/// <summary>
/// A pCPU's thread: sleeps at the pCPU's doorbell until it rings or something is due there, then lets the scheduler service look. It is bound to
/// the pCPU's host CPU where that is allowed, so that the end of a turn is noticed there whatever the other CPUs are doing.
/// </summary>
internal sealed class PcpuExecutor
{
    private readonly PcpuId _pcpu;
    private readonly DoorbellPage _bells;
    private readonly Func<PcpuId, Nanoseconds> _look;
    private readonly Thread _thread;
    private volatile bool _stopping;

    /// <param name="pcpu">Which one.</param>
    /// <param name="bells">The doorbells.</param>
    /// <param name="look">Does what is due and answers when to look again.</param>
    internal PcpuExecutor(PcpuId pcpu, DoorbellPage bells, Func<PcpuId, Nanoseconds> look)
    {
        _pcpu = pcpu;
        _bells = bells;
        _look = look;
        _thread = new Thread(Run) { IsBackground = true, Name = $"pcpu {pcpu}" };
    }

    internal void Start() => _thread.Start();

    internal void Stop()
    {
        _stopping = true;
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted))
            return;
        _bells.Ring(_pcpu.Value);
        _thread.Join();
    }

    private void Run()
    {
        CpuAffinity.TryBind(_bells.HostCpu(_pcpu.Value));
        while (!_stopping)
        {
            // The count is read before looking: a ring that comes while we look keeps the wait from beginning.
            uint seen = _bells.Rings(_pcpu.Value);
            Nanoseconds until = _look(_pcpu);
            if (!_stopping)
                _bells.Wait(_pcpu.Value, seen, until);
        }
    }
}
