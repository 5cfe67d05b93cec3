using System.Buffers.Binary;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Builders.Pvh;

/// <summary>A vCPU at the PVH entry: 32-bit protected mode with flat segments and without paging (fact sheet "Guest ABI", section 1.2).</summary>
internal static class EntryState
{
    private const int Rbx = 3;
    private const int Cs = 1;

    // Selectors are free; these are what a guest with the usual flat table would have.
    private const ushort CodeSelector = 0x08;
    private const ushort DataSelector = 0x10;
    private const ushort FlatCode = 0xc9b;
    private const ushort FlatData = 0xc93;
    private const ushort BusyTss32 = 0x8b;
    private const ushort LocalDescriptorTable = 0x82;

    private const ulong ProtectedMode = 1 << 0;
    private const ulong ExtensionType = 1 << 4;

    private const uint MtrrDefaultType = 0x2ff;
    private const uint PageAttributeTable = 0x277;
    private const uint Efer = 0xc000_0080;

    /// <summary>The state that begins at <paramref name="entry"/> with <paramref name="startInfo"/> in ebx.</summary>
    public static CpuState Create(GuestPhysical entry, GuestPhysical startInfo)
    {
        var state = new CpuState
        {
            Rip = entry.Address,
            Cr0 = ProtectedMode | ExtensionType,
            Tr = new SegmentState(0, 0, 0x67, BusyTss32),
            Ldtr = new SegmentState(0, 0, 0, LocalDescriptorTable),
        };
        state.Registers[Rbx] = startInfo.Address;
        for (int segment = 0; segment < state.Segments.Length; segment++)
        {
            state.Segments[segment] = segment == Cs
                ? new SegmentState(CodeSelector, 0, uint.MaxValue, FlatCode)
                : new SegmentState(DataSelector, 0, uint.MaxValue, FlatData);
        }

        // MTRRs enabled (bit 11), default type write-back (6).
        state.Msrs[MtrrDefaultType] = 0x806;
        state.Msrs[Efer] = 0;

        // What follows is the processor's reset state (Intel SDM volume 3, table 10-1).
        state.Msrs[PageAttributeTable] = 0x0007_0406_0007_0406;
        state.DebugRegisters[6] = 0xffff_0ff0;
        state.DebugRegisters[7] = 0x400;
        BinaryPrimitives.WriteUInt16LittleEndian(state.ExtendedState, 0x37f); // FCW
        BinaryPrimitives.WriteUInt32LittleEndian(state.ExtendedState.AsSpan(24), 0x1f80); // MXCSR
        return state;
    }
}
