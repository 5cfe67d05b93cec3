using Hospes.Hypervisor.Builders.Images;

namespace Hospes.Hypervisor.Builders.Decompression;

/// <summary>Turns "the shared library is not there" into words that say what to install.</summary>
internal static class NativeLibraryGuard
{
    /// <summary>Runs something that calls into a shared library.</summary>
    /// <param name="method">The compression that needs it.</param>
    /// <param name="library">The library's file name.</param>
    /// <param name="package">Debian's package that has it.</param>
    /// <param name="action">What to run.</param>
    /// <exception cref="ImageFaultException">The library is missing or lacks a function.</exception>
    public static void Run(string method, string library, string package, Action action)
    {
        try
        {
            action();
        }
        catch (Exception failure) when (failure is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new ImageFaultException($"is compressed with {method}, and {library}, which reads that, cannot be used: "
                + $"install the package {package}", failure);
        }
    }
}
