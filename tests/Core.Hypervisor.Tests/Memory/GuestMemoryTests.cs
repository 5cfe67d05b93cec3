using Hospes.Hypervisor.Memory;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Tests.Memory;

public sealed class GuestMemoryTests
{
    private const ulong Mebibyte = 1 << 20;
    private const ulong Gibibyte = 1 << 30;
    private const ulong PageSize = 4096;

    [Fact]
    public void Ram_begins_at_zero_is_zeroed_and_ends_where_it_should()
    {
        using var memory = new GuestMemory(16 * Mebibyte, 16 * Mebibyte);

        memory.RamFrames.Should().Be(4096);
        Read(memory, 0, (int)(16 * Mebibyte)).AsSpan().IndexOfAnyExcept((byte)0).Should().Be(-1);
        HasMemory(memory, (16 * Mebibyte) - 1).Should().BeTrue();
        Read(memory, 16 * Mebibyte, 1).Should().BeNull();
        Read(memory, (16 * Mebibyte) - 1, 2).Should().BeNull("the second byte is beyond the end");
    }

    [Fact]
    public void Ram_leaves_the_device_hole_out_and_goes_on_above_4_gib()
    {
        using var memory = new GuestMemory(4 * Gibibyte, 4 * Gibibyte);

        HasMemory(memory, GuestMemory.HoleStart - PageSize).Should().BeTrue();
        HasMemory(memory, GuestMemory.HoleStart).Should().BeFalse();
        HasMemory(memory, 0xfee0_0000).Should().BeFalse();
        HasMemory(memory, (4 * Gibibyte) - PageSize).Should().BeFalse();
        HasMemory(memory, 4 * Gibibyte).Should().BeTrue();
        HasMemory(memory, (4 * Gibibyte) + (256 * Mebibyte) - PageSize).Should().BeTrue();
        HasMemory(memory, (4 * Gibibyte) + (256 * Mebibyte)).Should().BeFalse();
    }

    [Theory]
    [InlineData(64, 64, 64)]
    [InlineData(3840, 3840, 3840)]
    [InlineData(3841, 3840, 4097)]
    [InlineData(8192, 3840, 8448)]
    public void Amounts_of_memory_are_laid_out_around_the_hole(ulong mebibytes, ulong low, ulong top)
    {
        GuestMemory.LowRam(mebibytes * Mebibyte).Should().Be(low * Mebibyte);
        GuestMemory.RamTop(mebibytes * Mebibyte).Should().Be(top * Mebibyte);
    }

    [Fact]
    public void What_is_written_across_pages_is_read_back()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        byte[] data = [.. Enumerable.Range(0, 10_000).Select(number => (byte)(number * 7))];

        memory.TryWrite(new GuestPhysical(4001), data).Should().BeTrue();

        Read(memory, 4001, data.Length).Should().Equal(data);
        Read(memory, 4000, 1).Should().Equal(0);
        Read(memory, 4001 + 10_000, 1).Should().Equal(0);
    }

    [Theory]
    [InlineData(Mebibyte)]
    [InlineData(Mebibyte - 1)]
    [InlineData(0xf000_0000UL)]
    [InlineData(1UL << 39)]
    [InlineData(1UL << 40)]
    [InlineData(1UL << 62)]
    [InlineData(ulong.MaxValue)]
    [InlineData(ulong.MaxValue - 4095)]
    public void Wild_addresses_are_refused_both_ways(ulong address)
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);

        memory.TryRead(new GuestPhysical(address), new byte[8192]).Should().BeFalse();
        memory.TryWrite(new GuestPhysical(address), new byte[8192]).Should().BeFalse();
        memory.Remove(new GuestPhysical(Math.Max(address, Mebibyte)).Frame).Should().BeFalse();
    }

    [Fact]
    public void Frames_beyond_all_memory_can_not_be_mapped_or_populated()
    {
        using var memory = new GuestMemory(Mebibyte, 2 * Mebibyte);
        HostFrame shared = memory.AllocateShared();
        foreach (ulong number in (ulong[])[1UL << 28, 1UL << 52, ulong.MaxValue])
        {
            memory.Map(new GuestFrame(number), shared).Should().BeFalse();
            memory.Populate(new GuestFrame(number)).Should().BeFalse();
        }

        memory.RamFrames.Should().Be(256);
    }

    [Fact]
    public void A_shared_page_is_the_same_memory_wherever_it_is_shown()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        HostFrame shared = memory.AllocateShared();

        memory.Map(new GuestFrame(0xfeffc), shared).Should().BeTrue();
        memory.Map(new GuestFrame(0xfe000), shared).Should().BeTrue();
        memory.TryWrite(new GuestPhysical(0xfeff_c010), [42]).Should().BeTrue();

        Read(memory, 0xfe00_0010, 1).Should().Equal(42);
        memory.Remove(new GuestFrame(0xfeffc)).Should().BeTrue();
        HasMemory(memory, 0xfeff_c000).Should().BeFalse();
        Read(memory, 0xfe00_0010, 1).Should().Equal(42);
        memory.RamFrames.Should().Be(256, "a shared page is no RAM");
    }

    [Fact]
    public void A_shared_page_over_ram_gives_the_ram_back()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        memory.TryWrite(new GuestPhysical(PageSize), [1, 2, 3]).Should().BeTrue();

        memory.Map(new GuestFrame(1), memory.AllocateShared()).Should().BeTrue();

        memory.RamFrames.Should().Be(255);
        Read(memory, PageSize, 3).Should().Equal(0, 0, 0);
        memory.Populate(new GuestFrame(0x1000)).Should().BeTrue("there is a frame in the pool again");
        Read(memory, 0x1000 * PageSize, 4096).Should().OnlyContain(value => value == 0, "the next user sees nothing of the last one's data");
        memory.RamFrames.Should().Be(256);
    }

    [Fact]
    public void Only_shared_frames_that_were_allocated_can_be_mapped()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        HostFrame shared = memory.AllocateShared();
        foreach (int index in (int[])[-1, 0, 255, shared.Index + 1, int.MaxValue])
            FluentActions.Invoking(() => memory.Map(new GuestFrame(5), new HostFrame(index))).Should().Throw<ArgumentOutOfRangeException>($"of index {index}");

        memory.RamFrames.Should().Be(256, "nothing was released");
        memory.Map(new GuestFrame(5), shared).Should().BeTrue();
    }

    [Fact]
    public void Shared_pages_are_zeroed_distinct_and_not_endless()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);

        HostFrame[] frames = [.. Enumerable.Range(0, 1024).Select(_ => memory.AllocateShared())];

        frames.Should().OnlyHaveUniqueItems();
        memory.Map(new GuestFrame(0xf0000), frames[^1]).Should().BeTrue();
        Read(memory, 0xf000_0000, 4096).Should().OnlyContain(value => value == 0);
        FluentActions.Invoking(() => memory.AllocateShared()).Should().Throw<InvalidOperationException>().WithMessage("*1024*");
    }

    [Fact]
    public void Ram_that_is_removed_and_put_back_is_zero()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        memory.TryWrite(new GuestPhysical(7 * PageSize), [9, 9, 9]).Should().BeTrue();

        memory.Remove(new GuestFrame(7)).Should().BeTrue();
        HasMemory(memory, 7 * PageSize).Should().BeFalse();
        memory.Remove(new GuestFrame(7)).Should().BeFalse("nothing is there any more");
        memory.RamFrames.Should().Be(255);

        memory.Populate(new GuestFrame(7)).Should().BeTrue();
        memory.Populate(new GuestFrame(7)).Should().BeFalse("it is occupied");
        Read(memory, 7 * PageSize, 3).Should().Equal(0, 0, 0);
        memory.RamFrames.Should().Be(256);
    }

    [Fact]
    public void A_guest_grows_to_its_maximum_and_no_further()
    {
        using var memory = new GuestMemory(Mebibyte, 2 * Mebibyte);

        for (ulong frame = 256; frame < 512; frame++)
            memory.Populate(new GuestFrame(frame)).Should().BeTrue();

        memory.Populate(new GuestFrame(512)).Should().BeFalse();
        memory.RamFrames.Should().Be(512);
        memory.TryWrite(new GuestPhysical(0), new byte[2 * Mebibyte]).Should().BeTrue();
    }

    [Fact]
    public void A_guest_with_ram_above_the_hole_may_get_more_above_that()
    {
        // Where Linux hot-plugs it: the next 128 MiB section after its RAM.
        using var memory = new GuestMemory(4 * Gibibyte, 5 * Gibibyte);
        ulong next = GuestMemory.RamTop(5 * Gibibyte) + (128 * Mebibyte);

        memory.Populate(new GuestPhysical(next).Frame).Should().BeTrue();

        memory.TryWrite(new GuestPhysical(next), [1]).Should().BeTrue();
    }

    [Fact]
    public void The_maximum_can_be_lowered_and_raised_within_the_reserve()
    {
        using var memory = new GuestMemory(Mebibyte, 2 * Mebibyte);
        memory.MaximumFrames.Should().Be(512);

        memory.MaximumFrames = 257;
        memory.Populate(new GuestFrame(300)).Should().BeTrue();
        memory.Populate(new GuestFrame(301)).Should().BeFalse("mem-max forbids it");

        memory.MaximumFrames = 10_000;
        memory.MaximumFrames.Should().Be(512, "the reserve was made for that many");
        memory.Populate(new GuestFrame(301)).Should().BeTrue();
        memory.MaximumFrames = -1;
        memory.MaximumFrames.Should().Be(0);
        memory.RamFrames.Should().Be(258, "a lower maximum takes nothing away");
    }

    [Fact]
    public void Changes_are_announced_after_they_are_made()
    {
        using var memory = new GuestMemory(Mebibyte, 2 * Mebibyte);
        List<(GuestFrame Frame, ulong Count, bool HasMemory)> seen = [];
        memory.MappingChanged += (frame, count) => seen.Add((frame, count, HasMemory(memory, frame.Start.Address)));

        memory.Map(new GuestFrame(3), memory.AllocateShared());
        memory.Remove(new GuestFrame(4));
        memory.Populate(new GuestFrame(4));
        memory.Remove(new GuestFrame(5000));
        memory.Populate(new GuestFrame(4));
        memory.Map(new GuestFrame(1UL << 50), memory.AllocateShared());

        seen.Should().Equal(
            (new GuestFrame(3), 1UL, true),
            (new GuestFrame(4), 1UL, false),
            (new GuestFrame(4), 1UL, true));
    }

    [Fact]
    public void The_host_address_of_a_frame_outlives_its_place_in_the_guest()
    {
        using var memory = new GuestMemory(Mebibyte, Mebibyte);
        unsafe
        {
            byte* page = memory.FindFrame(new GuestFrame(9));
            memory.Remove(new GuestFrame(9));

            // The contract under test: the file stays mapped until Dispose, so this write must not fault.
            page[0] = 1;
            ((nint)memory.FindFrame(new GuestFrame(9))).Should().Be(0);
        }
    }

    [Fact]
    public async Task Many_threads_take_and_give_back_without_losing_a_frame()
    {
        using var memory = new GuestMemory(Mebibyte, 2 * Mebibyte);
        using var start = new Barrier(4);

        // Each thread works on frames of its own and leaves them as it found them.
        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(() =>
        {
            start.SignalAndWait();
            for (int round = 0; round < 500; round++)
            {
                var frame = new GuestFrame((ulong)((worker * 64) + (round % 64)));
                memory.Remove(frame).Should().BeTrue();
                memory.Populate(frame).Should().BeTrue();
                memory.TryWrite(frame.Start, [(byte)(worker + 1)]).Should().BeTrue();
            }
        })));

        memory.RamFrames.Should().Be(256);
        for (ulong frame = 0; frame < 256; frame++)
            Read(memory, frame * PageSize, 1).Should().Equal((byte)((frame / 64) + 1));
        for (ulong frame = 256; frame < 512; frame++)
            memory.Populate(new GuestFrame(frame)).Should().BeTrue("the pool still has all of them");
    }

    [Theory]
    [InlineData(100, 4096)]
    [InlineData(4096, 100)]
    [InlineData(8192, 4096)]
    [InlineData(0, 4097)]
    [InlineData(0, 1UL << 40)]
    [InlineData(0, 0xffff_ffff_ffff_f000UL)]
    public void Impossible_amounts_are_refused(ulong ramBytes, ulong maximumBytes) =>
        FluentActions.Invoking(() => new GuestMemory(ramBytes, maximumBytes)).Should().Throw<ArgumentOutOfRangeException>();

    [Fact]
    public void A_guest_without_ram_has_only_shared_pages()
    {
        using var memory = new GuestMemory(0, 0);

        memory.RamFrames.Should().Be(0);
        HasMemory(memory, 0).Should().BeFalse();
        memory.Populate(new GuestFrame(0)).Should().BeFalse();
        memory.Map(new GuestFrame(0), memory.AllocateShared()).Should().BeTrue();
    }

    [Fact]
    public void After_disposal_there_is_no_memory_and_no_fault()
    {
        var memory = new GuestMemory(Mebibyte, Mebibyte);
        memory.Dispose();
        memory.Dispose();

        memory.TryRead(new GuestPhysical(0), new byte[1]).Should().BeFalse();
        memory.TryWrite(new GuestPhysical(0), new byte[1]).Should().BeFalse();
        memory.Remove(new GuestFrame(0)).Should().BeFalse();
    }

    [Fact]
    public void Addresses_fit_the_width_that_guests_are_told()
    {
        using var memory = new GuestMemory(0, (1UL << 40) - (256 * Mebibyte));

        GuestMemory.RamTop((1UL << 40) - (256 * Mebibyte)).Should().Be(1UL << memory.PhysicalAddressBits);
        memory.Populate(new GuestFrame((1UL << 28) - 1)).Should().BeTrue();
        memory.Populate(new GuestFrame(1UL << 28)).Should().BeFalse();
    }

    private static byte[]? Read(GuestMemory memory, ulong address, int count)
    {
        byte[] bytes = new byte[count];
        return memory.TryRead(new GuestPhysical(address), bytes) ? bytes : null;
    }

    private static unsafe bool HasMemory(GuestMemory memory, ulong address) => memory.FindFrame(new GuestPhysical(address).Frame) != null;
}
