using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>
/// A domain's armed timers, earliest first (a binary heap that knows each timer's place). Timers fire on whoever runs what is due: the domain's timer
/// thread, or a vCPU's own thread that has slept until then; under one lock, so that a cancelled or re-armed timer never fires for its old deadline.
/// </summary>
/// <remarks>Lock order: this lock is taken last but for a lease's own; callbacks take no other lock.</remarks>
internal sealed class TimerQueue(IClock clock)
{
    private readonly Lock _lock = new();
    private GuestTimer[] _heap = new GuestTimer[16];
    private int _count;
    private Nanoseconds _planned = Nanoseconds.Never;

    /// <summary>What wakes the domain's thread; always moved under the lock, so the latest move is for the latest state.</summary>
    internal IAlarm? Alarm { get; init; }

    /// <summary>Sets a timer, armed or not, to fire at <paramref name="deadline"/>; at once, on this thread, when that has passed.</summary>
    internal void Arm(GuestTimer timer, Nanoseconds deadline)
    {
        lock (_lock)
        {
            Remove(timer);
            timer.IsEntrusted = false;
            if (deadline <= clock.Now)
            {
                timer.Fire(deadline);
                return;
            }

            if (deadline == Nanoseconds.Never)
                return;
            Insert(timer, deadline);
            // A later one needs nothing: the thread looks again when it wakes.
            if (deadline < _planned)
                PlanFor(deadline);
        }
    }

    /// <summary>The timer fires no more until it is armed again.</summary>
    internal void Cancel(GuestTimer timer)
    {
        lock (_lock)
            Remove(timer);
    }

    /// <summary>Fires everything that is due.</summary>
    internal void RunDue()
    {
        lock (_lock)
            FireDue();
    }

    /// <summary>The caller sleeps until the earliest of these timers and calls <see cref="Reclaim"/> then: nobody else need wake up for them.</summary>
    internal void Entrust(GuestTimer[] timers)
    {
        lock (_lock)
        {
            foreach (GuestTimer timer in timers)
                timer.IsEntrusted = true;
            Nanoseconds next = Earliest();
            if (next != _planned)
                PlanFor(next);
        }
    }

    /// <summary>The caller sleeps no more. Fires everything that is due.</summary>
    internal void Reclaim(GuestTimer[] timers)
    {
        lock (_lock)
        {
            foreach (GuestTimer timer in timers)
                timer.IsEntrusted = false;
            FireDue();
            if (_count != 0 && _heap[0].Deadline < _planned)
                PlanFor(_heap[0].Deadline);
        }
    }

    /// <summary>Fires everything that is due and sets the alarm for what is next, which it answers.</summary>
    internal Nanoseconds Plan()
    {
        lock (_lock)
        {
            FireDue();
            return PlanFor(Earliest());
        }
    }

    private Nanoseconds PlanFor(Nanoseconds deadline)
    {
        _planned = deadline;
        Alarm?.Move(deadline);
        return deadline;
    }

    // Of those that nobody sleeps for. A domain has few timers.
    private Nanoseconds Earliest()
    {
        Nanoseconds earliest = Nanoseconds.Never;
        for (int index = 0; index < _count; index++)
        {
            if (!_heap[index].IsEntrusted && _heap[index].Deadline < earliest)
                earliest = _heap[index].Deadline;
        }

        return earliest;
    }

    private void FireDue()
    {
        if (_count == 0)
            return;
        Nanoseconds now = clock.Now;
        while (_count != 0 && _heap[0].Deadline <= now)
        {
            GuestTimer timer = _heap[0];
            Nanoseconds due = timer.Deadline;
            Remove(timer);
            timer.Fire(due);
        }
    }

    private void Insert(GuestTimer timer, Nanoseconds deadline)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        timer.Deadline = deadline;
        Place(timer, _count++);
        Rise(timer);
    }

    private void Remove(GuestTimer timer)
    {
        int hole = timer.Position;
        timer.Deadline = Nanoseconds.Never;
        if (hole < 0)
            return;
        timer.Position = -1;
        GuestTimer last = _heap[--_count];
        _heap[_count] = null!;
        if (hole == _count)
            return;
        Place(last, hole);
        Rise(last);
        Sink(last);
    }

    private void Rise(GuestTimer timer)
    {
        while (timer.Position > 0)
        {
            GuestTimer parent = _heap[(timer.Position - 1) / 2];
            if (parent.Deadline <= timer.Deadline)
                return;
            Swap(parent, timer);
        }
    }

    private void Sink(GuestTimer timer)
    {
        while (true)
        {
            int child = (timer.Position * 2) + 1;
            if (child >= _count)
                return;
            if (child + 1 < _count && _heap[child + 1].Deadline < _heap[child].Deadline)
                child++;
            if (_heap[child].Deadline >= timer.Deadline)
                return;
            Swap(timer, _heap[child]);
        }
    }

    private void Swap(GuestTimer upper, GuestTimer lower)
    {
        int position = upper.Position;
        Place(upper, lower.Position);
        Place(lower, position);
    }

    private void Place(GuestTimer timer, int position)
    {
        _heap[position] = timer;
        timer.Position = position;
    }
}
