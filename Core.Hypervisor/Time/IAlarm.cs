using Hospes.Sdk;

namespace Hospes.Hypervisor.Time;

/// <summary>One thread's way to wait for a point of time that others can bring forward.</summary>
public interface IAlarm : IDisposable
{
    /// <summary>Waits until <paramref name="deadline"/> or <see cref="Ring"/>; may return early. One thread at a time.</summary>
    void WaitUntil(Nanoseconds deadline);

    /// <summary>Ends the present wait, or else the next one. Any thread.</summary>
    void Ring();
}
