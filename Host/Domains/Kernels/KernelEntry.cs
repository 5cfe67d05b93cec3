using Hospes.Host.Native;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Kernels;

/// <summary>A kernel that the cache knows; under the cache's lock.</summary>
internal sealed class KernelEntry(FileIdentity identity, SafeFileHandle file) : IDisposable
{
    /// <summary>The kernel's own file, as it was when this was made of it.</summary>
    public FileIdentity Identity => identity;

    /// <summary>What it is unpacked.</summary>
    public SafeFileHandle File => file;

    /// <summary>It is unpacked, and not about to be.</summary>
    public bool IsComplete { get; set; }

    /// <summary>How much it takes, in bytes; 0 while it is about to be unpacked.</summary>
    public long Bytes { get; set; }

    /// <summary>When it was last asked for, as the clock's timestamp.</summary>
    public long Used { get; set; }

    /// <inheritdoc/>
    public void Dispose() => file.Dispose();
}
