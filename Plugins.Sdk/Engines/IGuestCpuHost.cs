namespace Hospes.Sdk.Engines;

/// <summary>
/// What a CPU asks of the machine around it. Every member is called on the thread that is in <see cref="IGuestCpu.Run"/>, must return soon and must
/// not throw: an exception ends the domain.
/// </summary>
public interface IGuestCpuHost
{
    /// <summary>VMCALL or VMMCALL was executed. The engine has already moved the instruction pointer past it.</summary>
    void Hypercall(ref HypercallFrame frame);

    /// <summary>IN. Absent devices read as all ones.</summary>
    /// <param name="port">0 to 0xffff.</param>
    /// <param name="size">1, 2 or 4 bytes.</param>
    uint ReadPort(ushort port, int size);

    /// <summary>OUT. Writes to absent devices are ignored.</summary>
    void WritePort(ushort port, int size, uint value);

    /// <summary>A read of device space, 1 to 8 bytes that do not cross a page.</summary>
    ulong ReadDevice(GuestPhysical address, int size);

    /// <summary>A write to device space, 1 to 8 bytes that do not cross a page.</summary>
    void WriteDevice(GuestPhysical address, int size, ulong value);

    /// <summary>RDMSR of a register that is not the CPU's own (local APIC, hypervisor). False raises #GP in the guest.</summary>
    bool TryReadMsr(uint index, out ulong value);

    /// <summary>WRMSR of a register that is not the CPU's own. False raises #GP in the guest.</summary>
    bool TryWriteMsr(uint index, ulong value);

    /// <summary>The last word on CPUID: given what the engine offers, what the guest sees (hypervisor leaves, APIC id, masked features).</summary>
    CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered);

    /// <summary>The guest's time-stamp counter now. Its frequency is <see cref="TimestampFrequency"/>.</summary>
    ulong ReadTimestamp();

    /// <summary>
    /// If <see cref="ReadTimestamp"/> is the host's CLOCK_MONOTONIC in nanoseconds plus a constant, that constant: an engine may then read the clock by itself,
    /// which guests do all the time. Null: it is something else.
    /// </summary>
    long? TimestampBase => null;

    /// <summary>Time-stamp counts per second, constant.</summary>
    ulong TimestampFrequency { get; }

    /// <summary>
    /// The vector of the interrupt to take now, or -1 when none is waiting. Called only when the guest can take one; an answer of 0 or more means
    /// that the engine delivers it at once and will ask again afterwards.
    /// </summary>
    int AcknowledgeInterrupt();

    /// <summary>CR8: the local APIC's task priority, 0 to 15.</summary>
    byte TaskPriority { get; set; }
}
