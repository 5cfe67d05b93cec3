using Hospes.Engines.Translator.State;

namespace Hospes.Engines.Translator.Interpret.System;

/// <summary>Pushes words or doublewords onto a stack in a 16- or 32-bit segment with the rights of the segment's level; the guest's registers are left alone.</summary>
internal ref struct SegmentedStack(TranslatorCpu cpu, Segment segment, ulong pointer, int size)
{
    /// <summary>The stack pointer after the pushes so far, truncated to the stack's width.</summary>
    internal ulong Pointer { get; private set; } = pointer;

    /// <summary>False: a fault is recorded.</summary>
    internal bool Push(uint value)
    {
        ulong next = Pointer - (ulong)size;
        next = (segment.Attributes & Segment.Big) != 0 ? (uint)next : (ushort)next;
        if (next + (ulong)size - 1 > segment.Limit && (segment.Attributes & Segment.ExpandDown) == 0)
            return EventDelivery.Refuse(cpu, Vectors.StackFault, 0);
        Pointer = next;
        ulong linear = (uint)(segment.Base + next);
        return size == 4
            ? cpu.Memory.WriteStack(linear, value, segment.PrivilegeLevel)
            : cpu.Memory.WriteStack(linear, (ushort)value, segment.PrivilegeLevel);
    }
}
