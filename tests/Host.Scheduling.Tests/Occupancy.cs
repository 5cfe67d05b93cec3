using Hospes.Hypervisor.Leases;

namespace Hospes.Host.Scheduling;

/// <summary>How many vCPUs are in guest code at once, at most, under leases of a Host.</summary>
internal sealed class Occupancy
{
    private int _present;
    private int _most;

    internal int Most => Volatile.Read(ref _most);

    internal void Enter(LeaseState state)
    {
        int present = Interlocked.Increment(ref _present);
        if (state.Has(LeaseFlags.Detached))
            return;
        for (int most = Most; present > most; most = Most)
            Interlocked.CompareExchange(ref _most, present, most);
    }

    internal void Leave() => Interlocked.Decrement(ref _present);
}
