using Hospes.Sdk;

namespace Hospes.Hypervisor.Leases;

/// <summary>
/// A vCPU's right to a physical CPU, seen from the vCPU's thread. Guest code runs only between a successful <see cref="Acquire"/> and the next
/// <see cref="Acquire"/> or <see cref="Sleep"/>. The owner of the lease asks for it back by setting <c>PollBits.Exit</c> in the poll word.
/// </summary>
public unsafe interface IVcpuLease
{
    /// <summary>The poll word to hand to the engine; part of the lease's cache line.</summary>
    uint* Poll { get; }

    /// <summary>
    /// Makes the vCPU runnable and waits for the grant; returns at once while the lease is held and nobody wants it back. Clears
    /// <c>PollBits.Exit</c>. False: the vCPU is to end (the domain is being destroyed). vCPU thread only.
    /// </summary>
    bool Acquire();

    /// <summary>
    /// The guest has nothing to do for the moment: looks for a <see cref="Wake"/> without sleeping, if recent sleeps were short and nobody else wants the
    /// pCPU. False: none has come, or the lease is wanted back; the caller sleeps. vCPU thread only.
    /// </summary>
    /// <param name="deadline">When the caller must look at the latest.</param>
    bool Linger(Nanoseconds deadline) => false;

    /// <summary>
    /// The guest has nothing to do until <see cref="Wake"/> or <paramref name="deadline"/> (monotonic clock). Keeps the pCPU and sleeps in place
    /// when nobody else wants it. Returns early rather than late; the caller looks again. vCPU thread only.
    /// </summary>
    void Sleep(Nanoseconds deadline);

    /// <summary>The next <see cref="Acquire"/> gives the pCPU to whoever waits for it, and asks for it again. vCPU thread only.</summary>
    void Yield()
    {
    }

    /// <summary>Ends a <see cref="Sleep"/>, present or next. Any thread.</summary>
    void Wake();

    /// <summary>Whether the vCPU is started and not taken down: what whoever lists vCPUs shows. vCPU thread only, and before that thread starts.</summary>
    bool IsOnline { set; }

    /// <summary>
    /// When the wake-up came that ended the latest <see cref="Sleep"/>: from then on the vCPU waited for a pCPU. Zero when it did not have to wait, or
    /// when this kind of lease does not say. vCPU thread only.
    /// </summary>
    Nanoseconds WokenAt => default;

    /// <summary>
    /// When the pCPU was taken off the vCPU while it was in guest code, if that has happened since this was asked last: it did not run from then on. vCPU
    /// thread only.
    /// </summary>
    Nanoseconds? TakePreemption() => null;

    /// <summary>How long in all the vCPU has waited for a pCPU because it was paused, not because others had them. vCPU thread only.</summary>
    Nanoseconds PausedTime => default;

    /// <summary>CPU time charged so far.</summary>
    Nanoseconds CpuTime { get; }
}
