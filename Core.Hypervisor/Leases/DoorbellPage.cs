using Hospes.Hypervisor.Native;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// The Host's doorbells, one per pCPU, in a memory file that every domain's process maps. A ring says "look at my lease page", no more: a process that
/// rings without need, or scribbles on the page, costs the Host a look and the other domains a delay of at most the executors' longest wait.
/// </summary>
public sealed unsafe class DoorbellPage : IDisposable
{
    private const string Name = "doorbell";
    private const int AllWaiters = int.MaxValue;

    private readonly SharedPage _page;

    private DoorbellPage(SharedPage page, int pcpus)
    {
        _page = page;
        Pcpus = pcpus;
    }

    /// <summary>How many pCPUs there are; for a domain's process at least that many lines can be read.</summary>
    public int Pcpus { get; }

    /// <summary>The memory file, to hand to domains.</summary>
    public SafeFileHandle Handle => _page.Handle;

    /// <summary>Makes the Host's page.</summary>
    /// <param name="hostCpus">The host's CPU number of each pCPU, negative where threads need not be bound.</param>
    public static DoorbellPage Create(IReadOnlyList<int> hostCpus)
    {
        ArgumentOutOfRangeException.ThrowIfZero(hostCpus.Count);
        var page = new DoorbellPage(SharedPage.Create(Name, hostCpus.Count * LeaseLine.Size), hostCpus.Count);
        for (int pcpu = 0; pcpu < hostCpus.Count; pcpu++)
            page.Line(pcpu)->HostCpu = hostCpus[pcpu];
        return page;
    }

    /// <summary>Maps the page the Host made; takes the handle over.</summary>
    /// <exception cref="InvalidDataException">It is no such page.</exception>
    public static DoorbellPage Open(SafeFileHandle handle)
    {
        SharedPage shared = SharedPage.Open(handle, Name, LeaseLine.Size);
        return new DoorbellPage(shared, shared.Length / LeaseLine.Size);
    }

    /// <summary>Wakes a pCPU's executor, or keeps it from going to sleep. A number that is none of ours rings pCPU 0.</summary>
    public void Ring(int pcpu)
    {
        uint* rings = &Line(Known(pcpu))->Rings;
        Interlocked.Increment(ref *rings);
        Futex.Wake(rings, AllWaiters);
    }

    /// <summary>The number of rings so far, to be read before looking at what they may be about.</summary>
    public uint Rings(int pcpu) => Volatile.Read(ref Line(pcpu)->Rings);

    /// <summary>Waits until the number of rings is no longer <paramref name="seen"/>, or the deadline. May return early.</summary>
    public void Wait(int pcpu, uint seen, Nanoseconds deadline) => Futex.Wait(&Line(pcpu)->Rings, seen, deadline);

    /// <summary>The host CPU a vCPU's thread binds itself to while it holds this pCPU; negative: none.</summary>
    public int HostCpu(int pcpu) => Volatile.Read(ref Line(Known(pcpu))->HostCpu);

    /// <inheritdoc/>
    public void Dispose() => _page.Dispose();

    private int Known(int pcpu) => (uint)pcpu < (uint)Pcpus ? pcpu : 0;

    // Inside the mapping, whose length both sides know and the seals hold.
    private DoorbellLine* Line(int pcpu) => (DoorbellLine*)_page.Address + pcpu;
}
