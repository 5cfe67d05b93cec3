namespace Hospes.Host.Scheduling;

/// <summary>The core that this thread works on has been given up because the thread was stuck in a plugin; nothing of it counts any more.</summary>
internal sealed class SchedulerAbandonedException() : Exception("the scheduler plugin came back after another had taken over");
