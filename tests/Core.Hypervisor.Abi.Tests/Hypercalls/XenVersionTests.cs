using System.Text;
using Hospes.Hypervisor.Abi.Tests.Fakes;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

public sealed class XenVersionTests : IDisposable
{
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void Version_is_4_17() => _rig.Call(17, 0).Should().Be((4 << 16) | 17);

    [Fact]
    public void Page_size_is_4096() => _rig.Call(17, 7).Should().Be(4096);

    [Theory]
    [InlineData(1u, 16, ".0-hospes")]
    [InlineData(3u, 1024, "xen-3.0-x86_64 hvm-3.0-x86_32 hvm-3.0-x86_32p hvm-3.0-x86_64")]
    [InlineData(4u, 64, "hospes")]
    [InlineData(9u, 1024, "")]
    public void Texts_fill_their_field_and_nothing_more(uint command, int size, string text)
    {
        byte[] before = new byte[size + 1];
        Array.Fill(before, (byte)0xee);
        _rig.CallAt(17, command, before).Should().Be(0);
        byte[] after = _rig.GetBytes(Rig.Scratch, size + 1);
        Encoding.ASCII.GetString(after, 0, size).TrimEnd('\0').Should().Be(text);
        after[size].Should().Be(0xee);
    }

    [Fact]
    public void The_handle_is_the_domains_uuid()
    {
        _rig.CallAt(17, 8, new byte[16]).Should().Be(0);
        Convert.ToHexString(_rig.GetBytes(Rig.Scratch, 16)).Should().Be("00112233445566778899AABBCCDDEEFF");
    }

    [Fact]
    public void Features_are_those_of_a_guest_without_page_tables_of_its_own()
    {
        _rig.CallAt(17, 6, Rig.Bytes(0, 0)).Should().Be(0);
        uint features = _rig.Get<uint>(Rig.Scratch + 4);
        foreach (int bit in new[] { 0, 2, 4, 8, 9 })
            (features & (1u << bit)).Should().NotBe(0u, "bit {0} is offered", bit);
        (features & (1u << 10)).Should().Be(0u, "pirqs are not offered");
        _rig.CallAt(17, 6, Rig.Bytes(1, 0)).Should().Be(-22);
    }

    [Fact]
    public void What_is_not_there_is_said_not_to_be()
    {
        _rig.Call(17, 10, 0).Should().Be(-61);
        _rig.Call(17, 11, Rig.Scratch).Should().Be(-38);
    }
}
