using System.Runtime.InteropServices;

namespace Hospes.Engines.Translator.State;

/// <summary>A segment register with its hidden part, as the processor caches it.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Segment
{
    /// <summary>Base address added to offsets.</summary>
    internal ulong Base;

    /// <summary>Last valid offset, after granularity.</summary>
    internal uint Limit;

    /// <summary>Attributes packed as in <see cref="Sdk.Engines.SegmentState.Attributes"/>.</summary>
    internal ushort Attributes;

    /// <summary>Visible selector.</summary>
    internal ushort Selector;

    internal const ushort TypeMask = 0xf;
    internal const ushort Accessed = 1;
    internal const ushort WritableData = 2;
    internal const ushort ReadableCode = 2;
    internal const ushort ExpandDown = 4;
    internal const ushort Conforming = 4;
    internal const ushort Code = 8;
    internal const ushort NotSystem = 0x10;
    internal const ushort Present = 0x80;
    internal const ushort Long = 0x200;
    internal const ushort Big = 0x400;
    internal const ushort Granular = 0x800;

    internal readonly int PrivilegeLevel => (Attributes >> 5) & 3;

    internal readonly bool IsUsable => (Attributes & Present) != 0;
}
