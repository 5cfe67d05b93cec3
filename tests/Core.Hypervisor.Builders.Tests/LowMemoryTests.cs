using Hospes.Hypervisor.Builders.Pvh;

namespace Hospes.Hypervisor.Tests.Builders;

public sealed class LowMemoryTests
{
    private const ulong Mebibyte = 1 << 20;

    [Fact]
    public void Room_is_taken_from_the_top() => new LowMemory(16 * Mebibyte, []).Take(1, ulong.MaxValue).Should().Be((16 * Mebibyte) - 4096);

    [Fact]
    public void Room_is_taken_below_the_ceiling() => new LowMemory(16 * Mebibyte, []).Take(4097, 8 * Mebibyte).Should().Be((8 * Mebibyte) - 8192);

    [Fact]
    public void What_is_taken_is_not_given_twice()
    {
        var memory = new LowMemory(2 * Mebibyte, []);
        HashSet<ulong?> pages = [];
        for (int page = 0; page < 256; page++)
            pages.Add(memory.Take(4096, ulong.MaxValue)).Should().BeTrue();

        pages.Should().NotContainNulls().And.OnlyContain(page => page >= Mebibyte && page < 2 * Mebibyte);
        memory.Take(4096, ulong.MaxValue).Should().BeNull();
    }

    [Fact]
    public void A_gap_between_two_segments_is_used()
    {
        var memory = new LowMemory(16 * Mebibyte, [(Mebibyte, 4 * Mebibyte), (6 * Mebibyte, 16 * Mebibyte)]);

        memory.Take(2 * Mebibyte, ulong.MaxValue).Should().Be(4 * Mebibyte);
        memory.Take(1, ulong.MaxValue).Should().BeNull();
    }

    [Fact]
    public void A_page_that_is_taken_in_part_is_taken()
    {
        var memory = new LowMemory(2 * Mebibyte, [(Mebibyte, (2 * Mebibyte) - 4097)]);

        memory.Take(4096, ulong.MaxValue).Should().Be((2 * Mebibyte) - 4096);
        memory.Take(1, ulong.MaxValue).Should().BeNull();
    }

    [Fact]
    public void A_segment_that_reaches_over_the_ceiling_is_respected()
    {
        var memory = new LowMemory(16 * Mebibyte, [(7 * Mebibyte, 9 * Mebibyte)]);

        memory.Take(4096, 8 * Mebibyte).Should().Be((7 * Mebibyte) - 4096);
    }

    [Fact]
    public void A_segment_above_4_gib_does_not_matter() =>
        new LowMemory(16 * Mebibyte, [(4096 * Mebibyte, 4097 * Mebibyte)]).Take(4096, ulong.MaxValue).Should().Be((16 * Mebibyte) - 4096);

    [Fact]
    public void Nothing_fits_into_less_than_a_mebibyte() => new LowMemory(Mebibyte / 2, []).Take(1, ulong.MaxValue).Should().BeNull();
}
