using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Random numbers from the host's kernel (getrandom(2)). The framework's own generator would load a cryptography library into every domain process.</summary>
internal static unsafe partial class HostRandom
{
    /// <summary>Eight random bytes. False: the kernel gave none, as RDRAND may say too.</summary>
    internal static bool TryNext(out ulong value)
    {
        ulong bytes;
        bool complete = GetRandom(&bytes, sizeof(ulong), 0) == sizeof(ulong);
        value = complete ? bytes : 0;
        return complete;
    }

    [LibraryImport("libc", EntryPoint = "getrandom")]
    private static partial nint GetRandom(void* buffer, nuint length, uint flags);
}
