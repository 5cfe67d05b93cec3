using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>One thread's way to wait for a point of time that others can move.</summary>
public interface IAlarm : IDisposable
{
    /// <summary>The present wait, or else the next one, ends then. Wakes nobody before. Any thread.</summary>
    void Move(Nanoseconds deadline);

    /// <summary>Waits for the time of the latest <see cref="Move"/>, or a <see cref="Ring"/>; may return early. One thread at a time.</summary>
    void Wait();

    /// <summary>Ends the present wait, or else the next one, whatever is moved from now on. Any thread.</summary>
    void Ring();
}
