using System.Collections.ObjectModel;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Devices;

/// <summary>All that a class has found, chosen and opened for one device.</summary>
internal sealed class DevicePlan : IAsyncDisposable
{
    /// <summary>Nodes of the front-end's directory, beside the frame's own (backend, backend-id, state).</summary>
    public required IReadOnlyDictionary<string, string> Front { get; init; }

    /// <summary>Nodes of the back-end's directory, beside the frame's own (frontend, frontend-id, domain, online, state, hotplug-status).</summary>
    public required IReadOnlyDictionary<string, string> Back { get; init; }

    /// <summary>What the domain's process is told.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>What the domain's process is handed; closed here once it is.</summary>
    public IReadOnlyList<SafeFileHandle> Descriptors { get; init; } = [];

    /// <summary>
    /// Connects what was opened, once the nodes are in the store, where scripts look for them; answers further nodes of the back-end's directory. May
    /// still complete <see cref="Settings"/>. What it throws ends the attach, as when preparing fails.
    /// </summary>
    public Func<CancellationToken, Task<IReadOnlyDictionary<string, string>>> Connect { get; init; } =
        static _ => Task.FromResult<IReadOnlyDictionary<string, string>>(new Dictionary<string, string>(StringComparer.Ordinal));

    /// <summary>Undoes what was set up on the machine: a bridge's port, a loop device. Called once, when the device has gone.</summary>
    public Func<Task> Release { get; init; } = static () => Task.CompletedTask;

    /// <summary>What a later Host must know to take the device over or away.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = NoState;

    /// <summary>Nothing.</summary>
    public static IReadOnlyDictionary<string, string> NoState => ReadOnlyDictionary<string, string>.Empty;

    /// <summary>Closes what was opened here.</summary>
    public void CloseDescriptors()
    {
        foreach (SafeFileHandle descriptor in Descriptors)
            descriptor.Dispose();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        CloseDescriptors();
        await Release();
    }
}
