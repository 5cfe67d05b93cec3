using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Backends.Block;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Sdk;
using Hospes.Sdk.Storage;

namespace Hospes.Hypervisor.Abi.Tests.Backends.Block;

/// <summary>The block back-end with a front-end by hand: what stock front-ends do, and what hostile ones may try.</summary>
public sealed class BlockBackendTests : IDisposable
{
    private const byte Read = 0, Write = 1, Barrier = 2, Flush = 3, Discard = 5, Indirect = 6;
    private const uint Grant = BlockFront.FirstDataGrant;

    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    [Fact]
    public void It_offers_connects_and_describes_the_disk()
    {
        DeviceReport report = new BlockFront(_rig, new FakeDisk(2048)).Connect();
        report.State.Should().Be(XenbusState.Connected);
        report.Nodes.Should().Contain("sectors", "2048").And.Contain("sector-size", "512").And.Contain("info", "0")
            .And.Contain("feature-flush-cache", "1").And.Contain("feature-discard", "1");
    }

    [Fact]
    public void Data_go_both_ways()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        byte[] sent = [.. Enumerable.Range(0, 4096).Select(static at => (byte)(at * 7))];
        _rig.Put(front.Data(0), sent);
        front.Do(Write, 1, 8, (Grant, 0, 7)).Should().Be((77UL, Write, (short)0));
        disk.Bytes.AsSpan(8 * 512, 4096).SequenceEqual(sent).Should().BeTrue();
        ulong back = front.Data(1);
        front.Do(Read, 1, 9, (Grant + 1, 2, 4)).Status.Should().Be(0);
        _rig.GetBytes(back + 1024, 3 * 512).Should().Equal(sent.AsSpan(512, 3 * 512).ToArray());
        _rig.GetBytes(back, 1024).Should().OnlyContain(static value => value == 0, "only the sectors of the segment are written");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Files_are_read_into_the_guests_own_pages(bool usesUring)
    {
        string path = Path.GetTempFileName();
        try
        {
            byte[] content = new byte[128 * 512];
            Random.Shared.NextBytes(content);
            File.WriteAllBytes(path, content);
            BlockFile file = BlockFile.Open(new BlockSource(path, IsWritable: true));
            BlockFront front = new(_rig, new MappedDisk(file), new BlockOptions { IsWritable = true, UsesUring = usesUring });
            front.Connect().State.Should().Be(XenbusState.Connected);
            ulong first = front.Data(0);
            ulong second = front.Data(1);
            front.Do(Read, 2, 16, (Grant, 0, 7), (Grant + 1, 4, 7)).Status.Should().Be(0);
            _rig.GetBytes(first, 4096).Should().Equal(content.AsSpan(16 * 512, 4096).ToArray());
            _rig.GetBytes(second + 2048, 2048).Should().Equal(content.AsSpan(24 * 512, 2048).ToArray());
            front.Do(Write, 1, 100, (Grant, 0, 7)).Status.Should().Be(0);
            front.Do(Flush, 0, 0).Status.Should().Be(0);
            File.ReadAllBytes(path).AsSpan(100 * 512, 4096).SequenceEqual(content.AsSpan(16 * 512, 4096)).Should().BeTrue();
            File.WriteAllBytes(path, content[..(8 * 512)]);
            front.Do(Read, 1, 64, (Grant, 0, 7)).Status.Should().Be(-1, "the file was cut short behind its back");
            front.Do(Read, 1, 0, (Grant, 0, 7)).Status.Should().Be(0);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(Read, 0, 0UL, "no segments")]
    [InlineData(Read, 12, 0UL, "more than eleven")]
    [InlineData(Read, 255, 0UL, "as many as the byte can say")]
    [InlineData(Read, 1, 64UL, "past the end")]
    [InlineData(Read, 1, 57UL, "across the end")]
    [InlineData(Read, 1, ulong.MaxValue, "a sum that overflows")]
    [InlineData(Write, 1, ulong.MaxValue - 6, "a sum that overflows")]
    public void What_cannot_be_is_an_error_and_touches_nothing(byte operation, byte segments, ulong sector, string why)
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Data(0);
        front.Do(operation, segments, sector, (Grant, 0, 7)).Should().Be((77UL, operation, (short)-1), why);
        disk.Calls.Should().BeEmpty();
        IsStillThere(front, disk);
    }

    [Theory]
    [InlineData(0, 8, "a sector beyond the page")]
    [InlineData(5, 4, "the last before the first")]
    [InlineData(0, 255, "far beyond the page")]
    public void Segments_stay_in_their_page(byte first, byte last, string why)
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Data(0);
        front.Do(Read, 1, 0, (Grant, first, last)).Status.Should().Be(-1, why);
        IsStillThere(front, disk);
    }

    [Fact]
    public void Wild_grants_are_errors_and_what_was_mapped_is_given_back()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Data(0);
        front.Data(1);
        _rig.Domain.Grants.MakeReadOnly(new GrantReference(Grant + 1));
        foreach (uint wild in (uint[])[Grant + 5, 511, 512, uint.MaxValue])
            front.Do(Read, 2, 0, (Grant, 0, 7), (wild, 0, 7)).Status.Should().Be(-1);
        front.Do(Read, 1, 0, (Grant + 1, 0, 7)).Status.Should().Be(-1, "a read writes to the page");
        front.Do(Write, 1, 0, (Grant + 1, 0, 7)).Status.Should().Be(0, "a write reads it");
        _rig.Domain.Grants.InUse(new GrantReference(Grant)).Should().BeFalse();
        IsStillThere(front, disk);
    }

    [Theory]
    [InlineData(0, -1)]
    [InlineData(1, 0)]
    [InlineData(256, 0)]
    [InlineData(257, -1)]
    [InlineData(300, -1)]
    [InlineData(65535, -1)]
    public void Indirect_requests_have_one_to_256_segments(int segments, short status)
    {
        FakeDisk disk = new(4096);
        BlockFront front = Connected(disk);
        ulong table = front.Data(40);
        front.Data(0);
        for (uint at = 0; at < 512; at++)
        {
            _rig.Put(table + (at * 8), Grant);
            _rig.Put(table + (at * 8) + 4, 0x0700u);
        }

        byte[] entry = new byte[112];
        entry[0] = Indirect;
        entry[1] = Write;
        BitConverter.TryWriteBytes(entry.AsSpan(2), (ushort)segments);
        BitConverter.TryWriteBytes(entry.AsSpan(8), 9UL);
        BitConverter.TryWriteBytes(entry.AsSpan(28), Grant + 40);
        front.Put(entry);
        front.Kick();
        front.Take().Should().Be((9UL, segments is 0 or > 256 && status < 0 ? entry[1] : Write, status));
        IsStillThere(front, disk);
    }

    [Fact]
    public void An_indirect_discard_is_no_such_thing()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        byte[] entry = new byte[112];
        entry[0] = Indirect;
        entry[1] = Discard;
        entry[2] = 1;
        front.Put(entry);
        front.Kick();
        front.Take().Status.Should().Be(-1);
        IsStillThere(front, disk);
    }

    [Fact]
    public void A_barrier_waits_for_all_before_and_holds_all_after()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Data(0);
        disk.Gate.Reset();
        front.Put(Write, 1, 1, 0, (Grant, 0, 0));
        front.Put(Write, 1, 2, 1, (Grant, 0, 0));
        front.Put(Barrier, 1, 3, 2, (Grant, 0, 0));
        front.Put(Write, 1, 4, 3, (Grant, 0, 0));
        front.Kick();
        disk.Gate.Set();
        for (int answer = 0; answer < 4; answer++)
            front.Take().Status.Should().Be(0);
        disk.Calls.Take(2).Should().BeEquivalentTo("write 0 1", "write 1 1");
        disk.Calls.Skip(2).Should().Equal("flush", "write 2 1", "flush", "write 3 1");
    }

    [Theory]
    [InlineData(true, "1", true)]
    [InlineData(true, "0", false)]
    [InlineData(false, "1", false)]
    public void Grants_are_kept_when_both_sides_want_that(bool isOffered, string wish, bool isKept)
    {
        FakeDisk disk = new(64);
        BlockFront front = new(_rig, disk, new BlockOptions { IsWritable = true, OffersPersistentGrants = isOffered });
        front.Connect(("feature-persistent", wish)).Nodes.Should().Contain("feature-persistent", isOffered ? "1" : "0");
        byte[] sent = [.. Enumerable.Range(0, 4096).Select(static at => (byte)(at * 5))];
        _rig.Put(front.Data(0), sent);
        ulong back = front.Data(1);
        for (int time = 0; time < 3; time++)
        {
            front.Do(Write, 1, 8, (Grant, 0, 7)).Status.Should().Be(0);
            front.Do(Read, 1, 8, (Grant + 1, 0, 7)).Status.Should().Be(0);
            _rig.GetBytes(back, 4096).Should().Equal(sent);
            _rig.Put(back, new byte[4096]);
        }

        _rig.Domain.Grants.InUse(new GrantReference(Grant)).Should().Be(isKept);
        _rig.Domain.Grants.InUse(new GrantReference(Grant + 1)).Should().Be(isKept);
        front.Do(Read, 1, 8, (Grant + 900, 0, 7)).Status.Should().Be(-1, "it grants nothing");
        front.Write(XenbusState.Closed);
        front.Next().State.Should().Be(XenbusState.Closed);
        _rig.Domain.Grants.InUse(new GrantReference(Grant)).Should().BeFalse("whoever goes gives all back");
    }

    [Fact]
    public void A_page_that_may_only_be_read_is_not_kept_and_not_written()
    {
        BlockFront front = new(_rig, new FakeDisk(64), new BlockOptions { IsWritable = true, OffersPersistentGrants = true });
        front.Connect(("feature-persistent", "1"));
        front.Grant(Grant, BlockFront.DataPages, readOnly: true);
        front.Do(Write, 1, 8, (Grant, 0, 7)).Status.Should().Be(0);
        front.Do(Read, 1, 8, (Grant, 0, 7)).Status.Should().Be(-1);
        _rig.Domain.Grants.InUse(new GrantReference(Grant)).Should().BeFalse();
    }

    [Fact]
    public void A_read_only_disk_is_not_written()
    {
        FakeDisk disk = new(64);
        BlockFront front = new(_rig, disk, new BlockOptions { IsWritable = false });
        front.Connect().Nodes.Should().Contain("info", "4").And.NotContainKey("feature-discard");
        front.Data(0);
        front.Do(Write, 1, 0, (Grant, 0, 7)).Status.Should().Be(-1);
        front.Do(Discard, 0, 0).Status.Should().Be(-2);
        front.Do(Flush, 0, 0).Status.Should().Be(0);
        front.Do(Read, 1, 0, (Grant, 0, 7)).Status.Should().Be(0);
        disk.Calls.Should().Equal("flush", "read 0 8");
    }

    [Fact]
    public void Discards_are_checked_like_data()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        Trim(front, 8, 16).Should().Be(0);
        Trim(front, 60, 5).Should().Be(-1);
        Trim(front, ulong.MaxValue, 2).Should().Be(-1);
        Trim(front, 1, ulong.MaxValue).Should().Be(-1);
        disk.Calls.Should().Equal("discard 8 16");
    }

    [Fact]
    public void A_medium_that_fails_is_an_error_to_the_guest_and_a_line_in_the_log()
    {
        FakeDisk disk = new(64) { Fails = static call => call.StartsWith("read 8", StringComparison.Ordinal) ? new IOException("the medium is broken") : null };
        BlockFront front = Connected(disk);
        front.Data(0);
        front.Do(Read, 1, 8, (Grant, 0, 7)).Status.Should().Be(-1);
        _rig.Messages.Should().ContainSingle(static line => line.Contains("vbd/51712: the medium is broken", StringComparison.Ordinal));
        front.Backend.Counters.Should().Contain(new KeyValuePair<string, long>("errors", 1));
        disk.Fails = static _ => null;
        IsStillThere(front, disk);
    }

    [Fact]
    public void Unknown_operations_are_not_supported()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        foreach (byte operation in (byte[])[4, 7, 200, 255])
            front.Do(operation, 0, 0).Should().Be((77UL, operation, (short)-2));
        IsStillThere(front, disk);
    }

    [Fact]
    public void A_ring_that_claims_the_impossible_closes_the_device_and_nothing_else()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Produced = 33;
        front.Kick();
        DeviceReport report = front.Next();
        report.State.Should().Be(XenbusState.Closing);
        report.Error.Should().Contain("33 requests");
        _rig.Domain.ShutdownState.Should().BeNull();
        front.Write(XenbusState.Closed);
        front.Next().State.Should().Be(XenbusState.Closed);

        // A new start is possible.
        front.Produced = front.Answered = 0;
        front.Write(XenbusState.Initialising);
        front.Connect().State.Should().Be(XenbusState.Connected);
        IsStillThere(front, disk);
    }

    [Theory]
    [InlineData("ring-ref", "99", "grant 99")]
    [InlineData("ring-ref", "-1", "ring-ref holds '-1'")]
    [InlineData("ring-ref", "banana", "ring-ref holds 'banana'")]
    [InlineData("event-channel", "4095", "event channel 4095")]
    [InlineData("event-channel", "0", "event channel 0")]
    [InlineData("event-channel", "99999999999", "event-channel holds")]
    [InlineData("protocol", "vax-abi", "unknown fe protocol vax-abi")]
    [InlineData("ring-page-order", "5", "ring-page-order 5")]
    [InlineData("multi-queue-num-queues", "9", "multi-queue-num-queues 9")]
    [InlineData("multi-queue-num-queues", "0", "multi-queue-num-queues 0")]
    public void Announcements_that_cannot_be_are_told_in_the_store(string node, string value, string error)
    {
        BlockFront front = new(_rig, new FakeDisk(64));
        DeviceReport report = front.Connect((node, value));
        report.State.Should().Be(XenbusState.Closing);
        report.Error.Should().Contain(error);
        _rig.Domain.Grants.InUse(new GrantReference(BlockFront.RingGrant)).Should().BeFalse("what was mapped is given back");
    }

    [Fact]
    public async Task Detaching_waits_for_what_is_under_way_and_then_holds_nothing()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        front.Data(0);
        disk.Gate.Reset();
        front.Put(Read, 1, 5, 0, (Grant, 0, 7));
        front.Kick();
        SpinWait.SpinUntil(() => _rig.Domain.Grants.InUse(new GrantReference(Grant)), Rig.Patience).Should().BeTrue();
        Task end = _rig.Domain.Devices.DetachAsync(BlockFront.Address);
        end.IsCompleted.Should().BeFalse();
        disk.Gate.Set();
        await end.WaitAsync(Rig.Patience);
        disk.IsDisposed.Should().BeTrue();
        _rig.Domain.Grants.InUse(new GrantReference(Grant)).Should().BeFalse();
        _rig.Domain.Grants.InUse(new GrantReference(BlockFront.RingGrant)).Should().BeFalse();
    }

    [Fact]
    public void A_medium_can_be_changed_while_the_guest_looks_at_it()
    {
        FakeDisk before = new(64), after = new(32);
        BlockFront front = Connected(before);
        front.Data(0);
        after.Bytes.AsSpan().Fill(9);
        front.Backend.ChangeImage(after);
        before.IsDisposed.Should().BeTrue();
        front.Next().Should().Match<DeviceReport>(static report => report.State == XenbusState.Connected && report.Nodes["sectors"] == "32");
        front.Do(Read, 1, 0, (Grant, 0, 7)).Status.Should().Be(0);
        _rig.Get<byte>(BlockFront.DataPages).Should().Be(9);
        front.Do(Read, 1, 32, (Grant, 0, 7)).Status.Should().Be(-1, "the new medium is smaller");
    }

    [Fact]
    public void Random_rings_hurt_nobody()
    {
        FakeDisk disk = new(64);
        BlockFront front = Connected(disk);
        for (int page = 0; page < 8; page++)
            front.Data(page);
        Random random = new(1);
        byte[] entry = new byte[112];
        for (int round = 0; round < 500; round++)
        {
            int count = random.Next(1, 32);
            for (int index = 0; index < count; index++)
            {
                random.NextBytes(entry);
                if (random.Next(2) == 0)
                {
                    entry[0] = (byte)random.Next(8);
                    entry[1] = (byte)random.Next(13);
                    BitConverter.TryWriteBytes(entry.AsSpan(16), random.NextInt64(80));
                    for (int segment = 0; segment < 11; segment++)
                        BitConverter.TryWriteBytes(entry.AsSpan(24 + (segment * 8)), Grant + (uint)random.Next(9));
                }

                front.Put(entry);
            }

            front.Kick();
            for (int index = 0; index < count; index++)
                front.Take();
        }

        for (uint page = 0; page < 8; page++)
            _rig.Domain.Grants.InUse(new GrantReference(Grant + page)).Should().BeFalse();
        IsStillThere(front, disk);
    }

    private static short Trim(BlockFront front, ulong sector, ulong sectors)
    {
        byte[] entry = new byte[112];
        entry[0] = Discard;
        BitConverter.TryWriteBytes(entry.AsSpan(8), 3UL);
        BitConverter.TryWriteBytes(entry.AsSpan(16), sector);
        BitConverter.TryWriteBytes(entry.AsSpan(24), sectors);
        front.Put(entry);
        front.Kick();
        return front.Take().Status;
    }

    private static void IsStillThere(BlockFront front, FakeDisk disk)
    {
        ulong page = front.Data(2);
        front.Rig.Put(page, new byte[512]);
        disk.Bytes.AsSpan(0, 512).Fill(0x5a);
        front.Do(Read, 1, 0, (Grant + 2, 0, 0)).Status.Should().Be(0, "the next request is served");
        front.Rig.Get<byte>(page).Should().Be(0x5a);
    }

    private BlockFront Connected(FakeDisk disk)
    {
        BlockFront front = new(_rig, disk);
        front.Connect().State.Should().Be(XenbusState.Connected);
        return front;
    }

    private sealed class MappedDisk(BlockFile file) : IBlockImage, IBlockMapping
    {
        public long Length { get; } = file.Length;

        public bool IsWritable => true;

        public int FlushDescriptor => file.Descriptor;

        public BlockExtent Map(long offset, long length, bool isWrite) => new(BlockExtentKind.Data, file.Descriptor, offset, Length - offset);

        public void Read(long offset, Span<byte> into) => file.Read(offset, into);

        public void Write(long offset, ReadOnlySpan<byte> from) => file.Write(offset, from);

        public void Flush() => file.Flush();

        public void Dispose() => file.Dispose();
    }
}
