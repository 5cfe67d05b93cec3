namespace Hospes.Host.Scheduling;

/// <summary>
/// A core and the lock over it. There is one at a time; a new one begins when a scheduler plugin does not come back from a call, because the lock of
/// the old one is then held by the thread that is stuck.
/// </summary>
internal sealed class Reign(SchedulerCore core)
{
    internal Lock Lock { get; } = new();

    internal SchedulerCore Core { get; } = core;
}
