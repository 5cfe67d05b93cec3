namespace Hospes.Sdk.Schedulers;

/// <summary>
/// An optional ability of an <see cref="IScheduler"/>: vCPUs can be kept to some pCPUs (<c>xm vcpu-pin</c>, <c>cpus=</c>). A scheduler without it has
/// its vCPUs run anywhere, and pinning is refused while it is in charge. Called like the scheduler itself: never two calls at once.
/// </summary>
public interface IAffineScheduler
{
    /// <summary>
    /// A vCPU may run on these pCPUs only, from the next <see cref="IScheduler.Next"/> on; before the first call it may run on all. If it runs on
    /// another at this moment it is taken off there, and that pCPU's <see cref="IScheduler.Next"/> is called; after it, that of every idle one.
    /// </summary>
    /// <param name="vcpu">One that was added.</param>
    /// <param name="allowed">At least one pCPU that there is; may hold numbers of pCPUs that there are not.</param>
    /// <param name="now">The time.</param>
    void SetAffinity(VcpuKey vcpu, PcpuSet allowed, Nanoseconds now);
}
