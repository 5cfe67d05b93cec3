using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Leases;

/// <summary>All leases of a domain, in the domain's process.</summary>
public sealed class DomainLeases : IDisposable
{
    private readonly LeasePage _page;
    private readonly VcpuLease[] _leases;
    // Pages of earlier Hosts stay mapped: a thread may be about to ring there.
    private readonly List<DoorbellPage> _doorbells = [];

    /// <summary>Makes the leases, all offline.</summary>
    /// <param name="vcpus">How many vCPUs the domain can have.</param>
    /// <param name="doorbells">The Host's doorbell page, which this takes over; null: without a Host for now, every vCPU grants itself.</param>
    /// <param name="paused">Not to run before the Host unpauses it.</param>
    public DomainLeases(int vcpus, SafeFileHandle? doorbells, bool paused)
    {
        DoorbellPage? bells = doorbells is null ? null : Map(doorbells);
        _page = LeasePage.Create(vcpus);
        _leases = [.. Enumerable.Range(0, vcpus).Select(vcpu => new VcpuLease(_page, vcpu, bells, paused))];
    }

    /// <summary>The lease page, to hand to every Host that comes; stays ours.</summary>
    public SafeFileHandle Handle => _page.Handle;

    /// <summary>How many vCPUs there can be.</summary>
    public int Count => _leases.Length;

    /// <summary>A vCPU's lease.</summary>
    public VcpuLease this[VcpuId vcpu] => _leases[vcpu.Value];

    /// <summary>A Host has come (again): its doorbell page, which this takes over. Any thread.</summary>
    /// <exception cref="InvalidDataException">It is no doorbell page; nothing has changed.</exception>
    public void Attach(SafeFileHandle doorbells)
    {
        DoorbellPage bells = Map(doorbells);
        Array.ForEach(_leases, lease => lease.Attach(bells));
    }

    /// <summary>The Host has gone: every vCPU that is not paused runs as it likes until the next <see cref="Attach"/>. Any thread.</summary>
    public void Detach() => Array.ForEach(_leases, lease => lease.Detach());

    /// <summary>Ends all vCPUs. Any thread.</summary>
    public void End() => Array.ForEach(_leases, lease => lease.End());

    /// <summary>To be called when no vCPU thread is left.</summary>
    public void Dispose()
    {
        _page.Dispose();
        _doorbells.ForEach(page => page.Dispose());
    }

    private DoorbellPage Map(SafeFileHandle handle)
    {
        DoorbellPage page = DoorbellPage.Open(handle);
        lock (_doorbells)
            _doorbells.Add(page);
        return page;
    }
}
