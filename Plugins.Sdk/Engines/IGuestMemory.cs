namespace Hospes.Sdk.Engines;

/// <summary>
/// A guest's physical address space as an engine sees it: frames backed by host memory, and holes that are device space. The mapping can change
/// while the guest runs; whoever changes it tells the machine (<see cref="IGuestMachine.MappingChanged"/>) before relying on the change.
/// Members may be called from any thread.
/// </summary>
public unsafe interface IGuestMemory
{
    /// <summary>
    /// The host address of the 4096 bytes behind a frame, or null where there is no memory (an access there is device space).
    /// The address stays mapped for the life of the memory object, whatever happens to the frame.
    /// </summary>
    byte* FindFrame(GuestFrame frame);

    /// <summary>Physical addresses are this many bits wide (CPUID 0x80000008, reserved bits of page-table entries).</summary>
    int PhysicalAddressBits { get; }
}
