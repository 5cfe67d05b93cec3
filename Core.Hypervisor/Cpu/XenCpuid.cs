using Hospes.Hypervisor.Apic;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Cpu;

/// <summary>
/// What a guest's CPUID says beyond the engine's own word: the hypervisor leaves (fact sheet "Guest ABI", section 2), and the facts about APIC, topology
/// and time-stamp counter that this machine decides.
/// </summary>
internal static class XenCpuid
{
    /// <summary>First hypervisor leaf.</summary>
    internal const uint Base = 0x4000_0000;

    /// <summary>The MSR that writes the hypercall page.</summary>
    internal const uint HypercallMsr = 0x4000_0000;

    // The leaves, relative to the base.
    private const uint LeafSignature = 0;
    private const uint LeafVersion = 1;
    private const uint LeafHypercall = 2;
    private const uint LeafTime = 3;
    private const uint LeafHvm = 4;
    private const uint LeafAddressWidth = 5;

    // Leaf +4: x2APIC MSRs cost no more than the page, ebx and ecx are valid, and op 23's upcall vector works through the local APIC.
    private const uint X2ApicVirtualised = 1 << 1;
    private const uint VcpuIdPresent = 1 << 3;
    private const uint DomainIdPresent = 1 << 4;
    private const uint UpcallVectorPerVcpu = 1 << 6;

    private const uint FeatureHypervisor = 1u << 31;
    private const uint FeatureX2Apic = 1 << 21;
    private const uint FeatureTscDeadline = 1 << 24;
    private const uint FeatureApic = 1 << 9;
    private const uint FeatureHyperThreading = 1 << 28;
    private const uint InvariantTsc = 1 << 8;
    private const uint TscReliable = 1 << 1;
    private const uint RdtscpWorks = 1 << 2;
    private const uint TscNeverEmulated = 2;

    // Linux measures the counter with a timer chip that is not there unless this says its frequency (SDM volume 2, CPUID leaf 16h).
    private const uint LeafFrequency = 0x16;
    private const uint Megahertz = (uint)(GuestClock.Frequency / 1_000_000);

    /// <summary>The local APIC's number of a vCPU, as the ACPI tables give it: even numbers (fact sheet, 1.4).</summary>
    internal static uint ApicId(VcpuId vcpu) => (uint)vcpu.Value * 2;

    /// <summary>The last word on a leaf.</summary>
    internal static CpuidRegisters Answer(
        uint leaf, uint subleaf, CpuidRegisters offered, VcpuId vcpu, int vcpus, DomainId domain, LocalApic apic, int addressBits) => leaf switch
        {
            >= Base and < Base + 0x1_0000 => Hypervisor(leaf - Base, subleaf, vcpu, domain, addressBits),
            0 => offered with { Eax = Math.Max(offered.Eax, LeafFrequency) },
            1 => Features(offered, vcpus, apic),
            LeafFrequency => new(Megahertz, Megahertz, 0, 0),
            0xb => Topology(subleaf, vcpus, apic.Id),

            // The counter's rate never changes and it never stops, whatever the host's does.
            0x8000_0007 => offered with { Edx = offered.Edx | InvariantTsc },
            _ => offered,
        };

    private static CpuidRegisters Hypervisor(uint leaf, uint subleaf, VcpuId vcpu, DomainId domain, int addressBits) => leaf switch
    {
        LeafSignature => new(Base + LeafAddressWidth, 0x566e_6558, 0x6558_4d4d, 0x4d4d_566e),
        LeafVersion => new(XenVersion.Packed, 0, 0, 0),
        LeafHypercall => new(1, HypercallMsr, 0, 0),
        LeafTime => Time(subleaf),
        LeafHvm => new(
            X2ApicVirtualised | VcpuIdPresent | DomainIdPresent | UpcallVectorPerVcpu, (uint)vcpu.Value, domain.Value, 0),
        LeafAddressWidth => new(0, (uint)addressBits, 0, 0),
        _ => default,
    };

    private static CpuidRegisters Time(uint subleaf) => subleaf switch
    {
        0 => new(TscReliable | RdtscpWorks, TscNeverEmulated, (uint)(GuestClock.Frequency / 1000), 0),
        1 => new(0, 0, GuestClock.Multiplier, (uint)GuestClock.Shift),
        2 => new((uint)(GuestClock.Frequency / 1000), 0, 0, 0),
        _ => default,
    };

    private static CpuidRegisters Features(CpuidRegisters offered, int vcpus, LocalApic apic)
    {
        uint logical = (uint)Math.Min(vcpus * 2, 255);
        uint ebx = (offered.Ebx & 0xffff) | (logical << 16) | (apic.Id << 24);
        uint ecx = (offered.Ecx | FeatureHypervisor | FeatureX2Apic) & ~FeatureTscDeadline;
        uint edx = offered.Edx & ~(FeatureApic | FeatureHyperThreading);
        if (apic.IsEnabled)
            edx |= FeatureApic;
        if (vcpus > 1)
            edx |= FeatureHyperThreading;
        return offered with { Ebx = ebx, Ecx = ecx, Edx = edx };
    }

    // Leaf 0xb: APIC numbers are even, so each vCPU is a core with one thread in use out of two.
    private static CpuidRegisters Topology(uint subleaf, int vcpus, uint apicId)
    {
        const uint ThreadLevel = 1 << 8;
        const uint CoreLevel = 2 << 8;
        uint packageShift = 1 + (uint)System.Numerics.BitOperations.Log2(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)vcpus));
        return subleaf switch
        {
            0 => new(1, 1, ThreadLevel, apicId),
            1 => new(packageShift, (uint)vcpus, CoreLevel | 1, apicId),
            _ => new(0, 0, subleaf & 0xff, apicId),
        };
    }
}
