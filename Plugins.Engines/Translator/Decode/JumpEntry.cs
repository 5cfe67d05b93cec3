using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.Decode;

/// <summary>An entry of the jump cache: the block at a linear address, valid while the key (epoch of mappings, mode, privilege) is the same.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct JumpEntry
{
    internal ulong Linear;
    internal ulong Key;
    internal Block* Block;
}
