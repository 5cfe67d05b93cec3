using System.Runtime.InteropServices;

namespace Hospes.Differential.Native;

/// <summary>The C library's <c>struct sigaction</c> on x86-64 Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct SignalAction
{
    /// <summary>SA_SIGINFO | SA_ONSTACK | SA_RESTART.</summary>
    internal const int InformOnOwnStack = 0x4 | 0x0800_0000 | 0x1000_0000;

    internal nint Handler;
    internal fixed ulong Mask[16];
    internal int Flags;
    internal nint Restorer;
}
