using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Abi.Tests.Hypercalls;

public sealed class MemoryCallTests : IDisposable
{
    private const ushort Self = 0x7ff0;
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    private long AddToPhysmap(uint space, ulong index, ulong frame, ushort domain = Self) =>
        _rig.CallAt(12, 7, [.. Rig.Bytes(domain, space), .. Rig.Words(index, frame)]);

    private unsafe bool Shows(ulong frame, HostFrame page) => _rig.Memory.FindFrame(new GuestFrame(frame)) == _rig.Memory.AddressOf(page);

    [Fact]
    public void Shared_info_appears_where_the_guest_wants_it_and_no_longer_where_it_was()
    {
        AddToPhysmap(0, 0, 1).Should().Be(0);
        Shows(1, _rig.Domain.SharedInfo.Frame).Should().BeTrue();
        _rig.Engine.Remapped.Should().Contain((new GuestFrame(1), 1ul));
        AddToPhysmap(0, 0, 5).Should().Be(0);
        Shows(5, _rig.Domain.SharedInfo.Frame).Should().BeTrue();
        Shows(1, _rig.Domain.SharedInfo.Frame).Should().BeFalse();
        AddToPhysmap(0, 0, 5).Should().Be(0, "the same place again is fine");
        Shows(5, _rig.Domain.SharedInfo.Frame).Should().BeTrue();
    }

    [Fact]
    public void Grant_frames_appear_from_the_highest_to_the_lowest_as_Linux_maps_them()
    {
        for (ulong index = 4; index-- > 0;)
            AddToPhysmap(1, index, 0x200 + index).Should().Be(0);
        _rig.Domain.Grants.Frames.Should().Be(4);

        // The first entries, reserved for console and store, show through the mapping.
        _rig.Get<ulong>(0x20_0000).Should().Be(1 | (Rig.ConsoleFrame.Number << 32));
        _rig.Get<ulong>(0x20_0008).Should().Be(1 | (Rig.StoreFrame.Number << 32));
    }

    [Theory]
    [InlineData(0u, 1ul, 1ul, -22)]
    [InlineData(1u, 64ul, 1ul, -22)]
    [InlineData(1u, 0x8000_0000ul, 1ul, -22)]
    [InlineData(0u, 0ul, 0x10_0000_0000ul, -22)]
    [InlineData(1u, 0ul, ulong.MaxValue, -22)]
    [InlineData(2u, 0ul, 1ul, -38)]
    [InlineData(4u, 0ul, 1ul, -1)]
    public void Nonsense_is_refused(uint space, ulong index, ulong frame, long error) => AddToPhysmap(space, index, frame).Should().Be(error);

    [Fact]
    public void Other_domains_are_refused()
    {
        AddToPhysmap(0, 0, 1, domain: 3).Should().Be(-1);
        AddToPhysmap(0, 0, 1, domain: Rig.DomainNumber).Should().Be(0, "its own number means itself too");
    }

    [Fact]
    public void Memory_map_answers_no_more_than_there_is_room_for()
    {
        _rig.CallAt(12, 9, Rig.Words(128, Rig.Scratch + 0x100)).Should().Be(0);
        _rig.Get<uint>(Rig.Scratch).Should().Be(2);
        _rig.Get<ulong>(Rig.Scratch + 0x100).Should().Be(0);
        _rig.Get<ulong>(Rig.Scratch + 0x108).Should().Be(Rig.RamBytes);
        _rig.Get<uint>(Rig.Scratch + 0x110).Should().Be(1);
        _rig.Get<ulong>(Rig.Scratch + 0x114).Should().Be(0xfeff_8000);
        _rig.Get<uint>(Rig.Scratch + 0x124).Should().Be(2);

        _rig.Put(Rig.Scratch + 0x114, 0x1234ul);
        _rig.CallAt(12, 9, Rig.Words(1, Rig.Scratch + 0x100)).Should().Be(0);
        _rig.Get<uint>(Rig.Scratch).Should().Be(1);
        _rig.Get<ulong>(Rig.Scratch + 0x114).Should().Be(0x1234);
    }

    [Fact]
    public void Memory_map_has_a_narrow_form()
    {
        _rig.CallAt(12, 9, Rig.Bytes(1, (uint)Rig.Scratch + 0x100), is64Bit: false).Should().Be(0);
        _rig.Get<ulong>(Rig.Scratch + 0x108).Should().Be(Rig.RamBytes);
    }

    [Fact]
    public void A_balloon_gives_memory_back_and_gets_it_again()
    {
        _rig.CallAt(12, 3, Rig.Bytes(Self)).Should().Be(4096);
        _rig.Put(0x30_0000, 0x1122334455667788);
        _rig.Put(Rig.Scratch + 0x100, Rig.Words(0x300, 0x301));
        byte[] reservation = Rig.Words(Rig.Scratch + 0x100, 2, 0, Self);
        _rig.CallAt(12, 1, reservation).Should().Be(2);
        _rig.CallAt(12, 3, Rig.Bytes(Self)).Should().Be(4094);
        _rig.Memory.TryRead(new GuestPhysical(0x30_0000), new byte[1]).Should().BeFalse();
        _rig.CallAt(12, 1, reservation).Should().Be(0, "there is nothing more to give");

        _rig.CallAt(12, 6, reservation).Should().Be(2);
        _rig.CallAt(12, 3, Rig.Bytes(Self)).Should().Be(4096);
        _rig.Get<ulong>(0x30_0000).Should().Be(0, "memory that comes back is empty");
        _rig.CallAt(12, 6, reservation).Should().Be(0, "the frames are occupied");
        _rig.CallAt(12, 4, Rig.Bytes(Self)).Should().Be(8192);
    }

    [Fact]
    public void A_large_or_hostile_reservation_is_done_in_part()
    {
        _rig.Put(Rig.Scratch + 0x100, Rig.Words(0x300, 0xdead_0000_0000));
        _rig.CallAt(12, 1, Rig.Words(Rig.Scratch + 0x100, 2, 0, Self)).Should().Be(1);
        _rig.CallAt(12, 1, Rig.Words(Rig.Scratch + 0x100, ulong.MaxValue, 0, Self)).Should().Be(0);
        _rig.CallAt(12, 1, Rig.Words(0xdead_0000_0000, 2, 0, Self)).Should().Be(-14);
        _rig.CallAt(12, 6, Rig.Words(Rig.Scratch + 0x100, 1, 30, Self)).Should().Be(-1, "no guest may take blocks that large");
        _rig.CallAt(12, 1, Rig.Words(Rig.Scratch + 0x100, 1, 0, 0)).Should().Be(-1, "not domain 0's memory");
    }

    [Fact]
    public void A_block_is_populated_whole_or_not_at_all()
    {
        _rig.Put(Rig.Scratch + 0x100, Rig.Words(0x400));
        _rig.CallAt(12, 1, Rig.Words(Rig.Scratch + 0x100, 1, 3, Self)).Should().Be(1, "eight frames at once");
        _rig.Domain.Memory.RamFrames.Should().Be(4088);
        _rig.Memory.Populate(new GuestFrame(0x406)).Should().BeTrue();
        _rig.CallAt(12, 6, Rig.Words(Rig.Scratch + 0x100, 1, 3, Self)).Should().Be(0);
        _rig.Domain.Memory.RamFrames.Should().Be(4089, "nothing is left half-done");
        _rig.Memory.Remove(new GuestFrame(0x406)).Should().BeTrue();
        _rig.CallAt(12, 6, Rig.Words(Rig.Scratch + 0x100, 1, 3, Self)).Should().Be(1);
        _rig.Domain.Memory.RamFrames.Should().Be(4096);
    }

    [Fact]
    public void A_single_frame_can_be_removed()
    {
        _rig.CallAt(12, 15, Rig.Words(Self, 0x300)).Should().Be(0);
        _rig.CallAt(12, 15, Rig.Words(Self, 0x300)).Should().Be(-22);
        _rig.CallAt(12, 15, Rig.Words(0, 0x301)).Should().Be(-1);
    }
}
