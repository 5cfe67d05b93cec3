using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>One timer that a <see cref="TimerQueue"/> keeps. Made once; armed and cancelled without allocation.</summary>
/// <param name="fire">
/// Called with the time it was armed for when that has come, under the queue's lock: must be short, may arm and cancel timers, must not wait.
/// </param>
internal sealed class GuestTimer(Action<Nanoseconds> fire)
{
    private long _deadline = long.MaxValue;

    /// <summary>When it will fire on the monotonic clock; <see cref="Nanoseconds.Never"/> while it is not armed. Any thread.</summary>
    internal Nanoseconds Deadline
    {
        get => new(Volatile.Read(ref _deadline));
        set => Volatile.Write(ref _deadline, value.Value);
    }

    /// <summary>Place in the queue's heap, or -1. The queue's own.</summary>
    internal int Position { get; set; } = -1;

    /// <summary>Somebody sleeps until it is due and will fire it. The queue's own.</summary>
    internal bool IsEntrusted { get; set; }

    /// <summary>Acts. Called by the queue.</summary>
    internal void Fire(Nanoseconds due) => fire(due);
}
