using Hospes.Hypervisor.Native;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// A vCPU's thread goes before the host's ordinary threads while it is not in guest code: it then has microseconds of work, for which a lease, a guest
/// or the Host waits. In guest code it is one of them. Without this a thread that wakes on a CPU that another guest keeps busy would wait for that
/// guest's time slice of the host to end before it could so much as ask for a lease.
/// </summary>
/// <remarks>On the vCPU's thread only. Where real-time priorities are not allowed the thread stays an ordinary one.</remarks>
internal sealed class ThreadUrgency
{
    /// <summary>Behind the Host's executors, which are waited for by everybody.</summary>
    internal const int Priority = 5;

    private bool _isRaised;
    private bool _isRefused;

    /// <summary>From here on no guest code runs.</summary>
    internal void Raise()
    {
        if (_isRaised || _isRefused)
            return;
        _isRaised = HostThread.TryMakeRealTime(Priority);
        _isRefused = !_isRaised;
        if (_isRefused)
            HostThread.MakePunctual();
    }

    /// <summary>From here on guest code runs, for as long as it likes.</summary>
    internal void Lower()
    {
        if (!_isRaised)
            return;
        _isRaised = false;
        HostThread.MakeOrdinary();
    }
}
