using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Native;

/// <summary>An entry of emitted code's jump cache: where the code for a linear address is, while the key is the same.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeJump
{
    internal const int Count = 1 << 14;

    internal ulong Linear;
    internal ulong Key;
    internal nint Code;
    private nint _padding;
}
