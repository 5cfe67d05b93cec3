using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Sdk;
using Hospes.Sdk.Engines;

namespace Hospes.Hypervisor.Abi.Tests.Cpu;

public sealed class XenCpuidTests : IDisposable
{
    private readonly Rig _rig = new(vcpus: 3);

    public void Dispose() => _rig.Dispose();

    private CpuidRegisters Ask(uint leaf, uint subleaf = 0, CpuidRegisters offered = default, int vcpu = 0) =>
        _rig.Domain.Vcpus[vcpu].Host.Cpuid(leaf, subleaf, offered);

    [Fact]
    public void The_hypervisor_introduces_itself_as_Xen()
    {
        CpuidRegisters signature = Ask(0x4000_0000);
        signature.Eax.Should().Be(0x4000_0005);
        byte[] text = [.. BitConverter.GetBytes(signature.Ebx), .. BitConverter.GetBytes(signature.Ecx), .. BitConverter.GetBytes(signature.Edx)];
        System.Text.Encoding.ASCII.GetString(text).Should().Be("XenVMMXenVMM");
        Ask(0x4000_0001).Eax.Should().Be((uint)_rig.Call(17, 0));
        Ask(0x4000_0002).Should().Be(new CpuidRegisters(1, 0x4000_0000, 0, 0));
        Ask(0x4000_0006).Should().Be(default(CpuidRegisters));
        Ask(0x4000_0100).Should().Be(default(CpuidRegisters));
    }

    [Fact]
    public void A_vcpu_learns_who_it_is()
    {
        CpuidRegisters leaf = Ask(0x4000_0004, vcpu: 2);
        (leaf.Eax & (1 << 3)).Should().NotBe(0);
        leaf.Ebx.Should().Be(2);
        (leaf.Eax & (1 << 4)).Should().NotBe(0);
        leaf.Ecx.Should().Be(Rig.DomainNumber);
        (leaf.Eax & (1 << 6)).Should().NotBe(0, "op 23 is there");
    }

    [Fact]
    public void The_counter_runs_at_1_GHz_and_never_stops()
    {
        Ask(0x4000_0003).Ecx.Should().Be(1_000_000);
        Ask(0x4000_0003, 2).Eax.Should().Be(1_000_000);
        (Ask(0x8000_0007).Edx & (1 << 8)).Should().NotBe(0);
    }

    [Fact]
    public void Features_name_hypervisor_and_APIC()
    {
        CpuidRegisters all = new(0x800f12, uint.MaxValue, uint.MaxValue, uint.MaxValue);
        CpuidRegisters answer = Ask(1, offered: all, vcpu: 1);
        answer.Eax.Should().Be(all.Eax);
        (answer.Ebx >> 24).Should().Be(2, "APIC ids are twice the vCPU's number, as in the ACPI tables");
        (answer.Ecx & (1u << 31)).Should().NotBe(0u);
        (answer.Ecx & (1u << 21)).Should().NotBe(0u);
        (answer.Ecx & (1u << 24)).Should().Be(0u, "no TSC deadline");
        (answer.Edx & (1u << 9)).Should().NotBe(0u);
        _rig.Domain.Vcpus[1].Host.TryWriteMsr(0x1b, 0xfee0_0000).Should().BeTrue();
        (Ask(1, offered: all, vcpu: 1).Edx & (1u << 9)).Should().Be(0u, "a disabled APIC is not there");
    }

    [Fact]
    public void Topology_is_a_package_of_cores()
    {
        CpuidRegisters some = new(1, 1, 1, 1);
        Ask(0xb, 0, some, vcpu: 2).Should().Be(new CpuidRegisters(1, 1, 0x100, 4));
        Ask(0xb, 1, some, vcpu: 2).Should().Be(new CpuidRegisters(3, 3, 0x201, 4));
        Ask(0xb, 2, some, vcpu: 2).Ebx.Should().Be(0);
        Ask(0xb, 1, default, vcpu: 2).Should().Be(new CpuidRegisters(3, 3, 0x201, 4), "it is the machine's word even if the engine has none");
    }

    [Fact]
    public void Other_leaves_are_the_engines()
    {
        CpuidRegisters offered = new(1, 2, 3, 4);
        Ask(7, 0, offered).Should().Be(offered);
        Ask(0xd, 1, offered).Should().Be(offered);
    }

    [Fact]
    public void The_hypercall_page_holds_a_stub_for_each_number()
    {
        _rig.Vcpu.Host.TryWriteMsr(0x4000_0000, 0x40_0000).Should().BeTrue();
        byte[] page = _rig.GetBytes(0x40_0000, 4096);
        for (int number = 0; number < 128; number++)
        {
            byte[] expected = number == 23 ? [0x0f, 0x0b] : [0xb8, (byte)number, 0, 0, 0, 0x0f, 0x01, 0xc1, 0xc3];
            page.Skip(number * 32).Take(expected.Length).Should().Equal(expected);
        }

        _rig.Engine.Written.Should().Contain((new GuestPhysical(0x40_0000), 4096ul));
    }

    [Theory]
    [InlineData(0x40_0001ul)]
    [InlineData(0xdead_0000ul)]
    [InlineData(0xffff_ffff_ffff_f000ul)]
    public void A_bad_hypercall_page_is_a_fault(ulong value) => _rig.Vcpu.Host.TryWriteMsr(0x4000_0000, value).Should().BeFalse();

    [Fact]
    public void Absent_devices_read_as_all_ones()
    {
        _rig.Vcpu.Host.ReadPort(0xcf8, 4).Should().Be(uint.MaxValue);
        _rig.Vcpu.Host.ReadPort(0x64, 1).Should().Be(0xff);
        _rig.Vcpu.Host.ReadPort(0x60, 2).Should().Be(0xffff);
        _rig.Vcpu.Host.ReadDevice(new GuestPhysical(0xfec0_0000), 4).Should().Be(uint.MaxValue);
        _rig.Vcpu.Host.ReadDevice(new GuestPhysical(0xfec0_0000), 8).Should().Be(ulong.MaxValue);
        _rig.Vcpu.Host.WriteDevice(new GuestPhysical(0xfec0_0000), 4, 1);
        _rig.Vcpu.Host.TryReadMsr(0x1234_5678, out _).Should().BeFalse();
        _rig.Vcpu.Host.TryWriteMsr(0x6e0, 1).Should().BeFalse();
    }
}
