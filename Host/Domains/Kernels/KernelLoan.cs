using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.Domains.Kernels;

/// <summary>
/// A memory file for a kernel, lent to one creation of a domain: with the kernel in it, or empty, to be filled by that domain's process
/// (<see cref="Hypervisor.Builders.UnpackedKernel"/>).
/// </summary>
internal sealed class KernelLoan(SafeFileHandle file, Action<bool> end) : IDisposable
{
    private bool _isBuilt;

    /// <summary>The file; valid until <see cref="Dispose"/>.</summary>
    public SafeFileHandle File => file;

    /// <summary>The process has built its domain, and has not executed anything of it yet: what it has put into the file may be used for others.</summary>
    public void NoteBuilt() => _isBuilt = true;

    /// <summary>Ends the loan. What was to be filled and is not is forgotten.</summary>
    public void Dispose()
    {
        end(_isBuilt);
        file.Dispose();
    }
}
