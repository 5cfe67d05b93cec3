namespace Hospes.Sdk.Schedulers;

/// <summary>
/// An optional ability of an <see cref="IScheduler"/>: to be called at times of its own, whatever the vCPUs do (accounting periods, ends of caps).
/// Called like the scheduler itself: never two calls at once.
/// </summary>
public interface ITimedScheduler
{
    /// <summary>
    /// When <see cref="Tick"/> is due; <see cref="Nanoseconds.Never"/>: not until something else has happened. Read after every call of any member, so
    /// it may change with any.
    /// </summary>
    Nanoseconds NextTick { get; }

    /// <summary>
    /// <see cref="NextTick"/> has come, a little late perhaps. What every running vCPU has used so far has been charged just before. Never called
    /// early; <see cref="NextTick"/> has to be later than <paramref name="now"/> afterwards.
    /// </summary>
    /// <returns>The pCPUs to ask again at once: who runs there is asked back first.</returns>
    PcpuSet Tick(Nanoseconds now);
}
