using Hospes.Hypervisor.Cpu;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Domains;

/// <summary>What an engine's CPU asks of its machine: each question goes to the part that knows.</summary>
internal sealed class VcpuHost(Domain domain, Vcpu vcpu) : IGuestCpuHost
{
    private const uint MsrApicBase = 0x1b;
    private const uint MsrX2Apic = 0x800;
    private const uint MsrX2ApicLast = 0x8ff;

    // Where Linux writes text before it has a console, or when console_io fails (fact sheet "Guest ABI", section 4).
    private const ushort DebugPort = 0xe9;

    public ulong TimestampFrequency => GuestClock.Frequency;

    public byte TaskPriority
    {
        get => vcpu.Apic.TaskPriorityClass;
        set => vcpu.Apic.TaskPriorityClass = value;
    }

    public void Hypercall(ref HypercallFrame frame) => domain.Hypercalls.Enter(vcpu.Caller, ref frame);

    public uint ReadPort(ushort port, int size) => port == DebugPort && size == 1 ? DebugPort : uint.MaxValue >> (32 - (size * 8));

    public void WritePort(ushort port, int size, uint value)
    {
        if (port == DebugPort && size == 1)
            domain.Log.Append([(byte)value]);
    }

    public ulong ReadDevice(GuestPhysical address, int size)
    {
        if (IsApicPage(address))
            return vcpu.Apic.ReadPage(address.OffsetInFrame, size);
        return ulong.MaxValue >> (64 - (size * 8));
    }

    public void WriteDevice(GuestPhysical address, int size, ulong value)
    {
        if (IsApicPage(address))
            vcpu.Apic.WritePage(address.OffsetInFrame, size, value);
    }

    public bool TryReadMsr(uint index, out ulong value)
    {
        switch (index)
        {
            case MsrApicBase:
                value = vcpu.Apic.Base;
                return true;
            case >= MsrX2Apic and <= MsrX2ApicLast:
                return vcpu.Apic.TryReadMsr((int)(index - MsrX2Apic), out value);
            default:
                value = 0;
                return false;
        }
    }

    public bool TryWriteMsr(uint index, ulong value) => index switch
    {
        MsrApicBase => vcpu.Apic.TrySetBase(value),
        >= MsrX2Apic and <= MsrX2ApicLast => vcpu.Apic.TryWriteMsr((int)(index - MsrX2Apic), value),
        XenCpuid.HypercallMsr => domain.TryWriteHypercallPage(value),
        _ => false,
    };

    public CpuidRegisters Cpuid(uint leaf, uint subleaf, CpuidRegisters offered) => XenCpuid.Answer(
        leaf, subleaf, offered, vcpu.Id, domain.Vcpus.Length, domain.Id, vcpu.Apic, domain.Memory.PhysicalAddressBits);

    public ulong ReadTimestamp() => domain.Clock.Now;

    public long? TimestampBase => domain.Clock.Base;

    public int AcknowledgeInterrupt() => vcpu.AcknowledgeInterrupt();

    private bool IsApicPage(GuestPhysical address) =>
        address.Address - (ulong)address.OffsetInFrame == Apic.LocalApic.PageAddress && vcpu.Apic is { IsEnabled: true, IsX2: false };
}
