using Hospes.Hypervisor.Abi.Tests.Fakes;
using Hospes.Hypervisor.Grants;
using Hospes.Sdk;

namespace Hospes.Hypervisor.Abi.Tests.Grants;

public sealed class GrantTableTests : IDisposable
{
    private const ulong Table = 0x20_0000;
    private const uint Self = 0x7ff0;
    private const ulong Page = 0x300;
    private readonly Rig _rig = new();

    public GrantTableTests() => _rig.CallAt(12, 7, [.. Rig.Bytes(Self, 1), .. Rig.Words(0, Table >> 12)]).Should().Be(0);

    private GrantTable Grants => _rig.Domain.Grants;

    public void Dispose() => _rig.Dispose();

    private void Grant(uint reference, ushort flags, ushort domain = 0, ulong frame = Page) =>
        _rig.Put(Table + (reference * 8), flags | ((ulong)domain << 16) | (frame << 32));

    private ushort Flags(uint reference) => _rig.Get<ushort>(Table + (reference * 8));

    private long Grant(uint command, ReadOnlySpan<byte> argument, uint count = 1)
    {
        _rig.Put(Rig.Scratch, argument);
        return _rig.Call(20, command, Rig.Scratch, count);
    }

    [Fact]
    public void A_granted_page_is_mapped_and_marked_while_it_is()
    {
        Grant(9, 1);
        _rig.Put(Page << 12, 0x1234ul);
        Grants.Map(new GrantReference(9), write: false, out GrantPage read).Should().Be(GrantStatus.Okay);
        read.Frame.Number.Should().Be(Page);
        BitConverter.ToUInt64(read.Bytes).Should().Be(0x1234);
        Flags(9).Should().Be(1 | 8);
        Grants.Map(new GrantReference(9), write: true, out GrantPage write).Should().Be(GrantStatus.Okay);
        Flags(9).Should().Be(1 | 8 | 16);
        write.Bytes[0] = 0x99;
        _rig.Get<byte>(Page << 12).Should().Be(0x99);
        Grants.Unmap(new GrantReference(9), write: true);
        Flags(9).Should().Be(1 | 8);
        Grants.Unmap(new GrantReference(9), write: false);
        Flags(9).Should().Be(1);
    }

    [Theory]
    [InlineData(9u, 0, 0, Page, false, GrantStatus.GeneralError)]
    [InlineData(9u, 2, 0, Page, false, GrantStatus.GeneralError)]
    [InlineData(9u, 1, 5, Page, false, GrantStatus.GeneralError)]
    [InlineData(9u, 5, 0, Page, true, GrantStatus.GeneralError)]
    [InlineData(9u, 1, 0, 0xdeadul, false, GrantStatus.BadPage)]
    [InlineData(9u, 1, 0, 0xffff_fffful, true, GrantStatus.BadPage)]
    [InlineData(512u, 1, 0, Page, false, GrantStatus.BadReference)]
    [InlineData(uint.MaxValue, 1, 0, Page, false, GrantStatus.BadReference)]
    public void What_is_not_granted_is_not_mapped(uint reference, int flags, int domain, ulong frame, bool write, GrantStatus status)
    {
        Grant(9, (ushort)flags, (ushort)domain, frame);
        Grants.Map(new GrantReference(reference), write, out GrantPage page).Should().Be(status);
        page.Address.Should().Be(0);
        Flags(9).Should().Be((ushort)flags, "a refused map leaves no mark");
    }

    [Fact]
    public void A_read_only_grant_can_be_read()
    {
        Grant(9, 5);
        Grants.Map(new GrantReference(9), write: false, out _).Should().Be(GrantStatus.Okay);
        Flags(9).Should().Be(5 | 8);
    }

    [Fact]
    public void A_frame_that_vanishes_while_mapped_stays_addressable()
    {
        Grant(9, 1);
        Grants.Map(new GrantReference(9), write: true, out GrantPage page).Should().Be(GrantStatus.Okay);
        _rig.Memory.Remove(new GuestFrame(Page)).Should().BeTrue();
        page.Bytes.Fill(0x55);
        Grants.Map(new GrantReference(9), write: true, out _).Should().Be(GrantStatus.BadPage);
        Flags(9).Should().Be(1 | 8 | 16, "the first mapping still holds it");
        Grants.Unmap(new GrantReference(9), write: true);
        Flags(9).Should().Be(1);
    }

    [Fact]
    public void A_guest_never_ends_a_grant_that_is_in_use()
    {
        // The guest grants and ends by compare-exchange as the ABI has it, back-ends map and unmap: a mapping must never be of an ended grant.
        Grant(9, 1);
        bool stop = false;
        int mapped = 0;
        int violations = 0;
        Thread[] backends = [.. Enumerable.Range(0, 3).Select(index => new Thread(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                if (Grants.Map(new GrantReference(9), write: index == 0, out _) != GrantStatus.Okay)
                    continue;
                if ((Flags(9) & 1) == 0)
                    Interlocked.Increment(ref violations);
                Interlocked.Increment(ref mapped);
                Grants.Unmap(new GrantReference(9), write: index == 0);
                Thread.Yield();
            }
        }))];
        Array.ForEach(backends, thread => thread.Start());
        int ended = 0;
        while (ended < 300 || Volatile.Read(ref mapped) < 300)
        {
            unsafe
            {
                ref uint entry = ref *(uint*)(_rig.Memory.FindFrame(new GuestFrame(Table >> 12)) + 72);
                if (Interlocked.CompareExchange(ref entry, 0, 1) == 1)
                {
                    ended++;
                    Volatile.Write(ref entry, 1);
                }
            }
        }

        Volatile.Write(ref stop, true);
        Array.ForEach(backends, thread => thread.Join());
        violations.Should().Be(0);
        Flags(9).Should().Be(1, "all marks are gone when all mappings are");
    }

    [Fact]
    public void Size_and_version_are_told()
    {
        Grant(6, Rig.Bytes(Self, 0, 0, 0xeeee)).Should().Be(0);
        _rig.Get<uint>(Rig.Scratch + 4).Should().Be(1);
        _rig.Get<uint>(Rig.Scratch + 8).Should().Be(64);
        _rig.Get<short>(Rig.Scratch + 12).Should().Be(0);
        Grant(6, Rig.Bytes(3, 0, 0, 0xeeee)).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 12).Should().Be(-2);

        Grant(8, Rig.Bytes(1)).Should().Be(0);
        Grant(8, Rig.Bytes(2)).Should().Be(-38);
        _rig.Get<uint>(Rig.Scratch).Should().Be(1);
        Grant(8, Rig.Bytes(3)).Should().Be(-22);
        Grant(10, Rig.Bytes(Self, 9)).Should().Be(0);
        _rig.Get<uint>(Rig.Scratch + 4).Should().Be(1);
        Grant(10, Rig.Bytes(3, 9)).Should().Be(-1);
    }

    [Fact]
    public void Setup_table_grows_it_and_lists_where_its_pages_are()
    {
        Grant(2, [.. Rig.Bytes(Self, 3, 0xeeee, 0), .. Rig.Words(Rig.Scratch + 0x100)]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 8).Should().Be(0);
        _rig.Get<ulong>(Rig.Scratch + 0x100).Should().Be(Table >> 12);
        _rig.Get<ulong>(Rig.Scratch + 0x108).Should().Be(ulong.MaxValue);
        Grants.Frames.Should().Be(3);

        Grant(2, [.. Rig.Bytes(Self, 65, 0xeeee, 0), .. Rig.Words(Rig.Scratch + 0x100)]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 8).Should().Be(-1);
        Grant(2, [.. Rig.Bytes(4, 1, 0xeeee, 0), .. Rig.Words(Rig.Scratch + 0x100)]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 8).Should().Be(-2);
        Grant(2, [.. Rig.Bytes(Self, 1, 0xeeee, 0), .. Rig.Words(0xdead_0000_0000)]).Should().Be(-14);
        Grant(2, new byte[24], count: 2).Should().Be(-22);
    }

    [Fact]
    public void Maps_and_transfers_are_refused_element_by_element()
    {
        Grant(0, new byte[64], count: 2).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 18).Should().Be(-2);
        _rig.Get<short>(Rig.Scratch + 32 + 18).Should().Be(-2);
        Grant(1, new byte[24]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 20).Should().Be(-4);
        Grant(4, new byte[24]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 16).Should().Be(-1);
        Grant(7, new byte[24]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 20).Should().Be(-4);
        Grant(3, new byte[4]).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 2).Should().Be(-8);
        Grant(12, new byte[32]).Should().Be(-38);
        _rig.Call(20, 0, Rig.Scratch, uint.MaxValue).Should().Be(-22);
        _rig.Call(20, 0, Rig.Scratch, int.MaxValue).Should().Be(-7, "more than one call may ask for");
    }

    private short Copy(ulong source, ushort sourceDomain, ushort sourceOffset, ulong target, ushort targetDomain, ushort targetOffset, ushort length, ushort flags)
    {
        byte[] element = [.. Rig.Words(source, sourceDomain | ((ulong)sourceOffset << 16), target, targetDomain | ((ulong)targetOffset << 16)),
            .. Rig.Bytes(length | ((uint)flags << 16), 0xeeee)];
        Grant(5, element).Should().Be(0);
        return _rig.Get<short>(Rig.Scratch + 36);
    }

    [Fact]
    public void Copy_moves_bytes_between_frames_and_grants_of_the_guests_own()
    {
        _rig.Put((Page << 12) + 100, 0x1122334455667788ul);
        Copy(Page, 0x7ff0, 100, 0x301, 0x7ff0, 8, 8, 0).Should().Be(0);
        _rig.Get<ulong>(0x30_1008).Should().Be(0x1122334455667788);
        _rig.Engine.Written.Should().Contain((new GuestPhysical(0x30_1008), 8ul));

        Grant(20, 1, Rig.DomainNumber, 0x301);
        Grant(21, 1, Rig.DomainNumber, 0x302);
        Copy(20, Rig.DomainNumber, 8, 21, Rig.DomainNumber, 0, 8, 3).Should().Be(0);
        _rig.Get<ulong>(0x30_2000).Should().Be(0x1122334455667788);
        Flags(20).Should().Be(1);
        Flags(21).Should().Be(1);
    }

    [Fact]
    public void Copy_refuses_what_it_must()
    {
        Grant(20, 1, 0, 0x301);
        Copy(Page, 0x7ff0, 4090, 0x301, 0x7ff0, 0, 8, 0).Should().Be(-10);
        Copy(Page, 0x7ff0, 0, 0x301, 0x7ff0, 4090, 8, 0).Should().Be(-10);
        Copy(Page, 0, 0, 0x301, 0x7ff0, 0, 8, 0).Should().Be(-2);
        Copy(Page, 0x7ff0, 0, 0x301, 9, 0, 8, 0).Should().Be(-2);
        Copy(0xdead_beef, 0x7ff0, 0, 0x301, 0x7ff0, 0, 8, 0).Should().Be(-9);
        Copy(Page, 0x7ff0, 0, ulong.MaxValue, 0x7ff0, 0, 8, 0).Should().Be(-9);
        Copy(20, 0x7ff0, 0, 0x302, 0x7ff0, 0, 8, 1).Should().Be(-1, "granted to domain 0, not to itself");
        Copy(Page, 0x7ff0, 0, 100_000, 0x7ff0, 0, 8, 2).Should().Be(-3);
        Flags(20).Should().Be(1);
    }

    [Fact]
    public void Copy_has_a_narrow_form()
    {
        _rig.Put(Page << 12, 0xaabbccddu);
        _rig.Put(Rig.Scratch, Rig.Bytes((uint)Page, Self, 0x301, Self | (16 << 16), 4, 0xeeee));
        _rig.Call(20, 5, Rig.Scratch, 1, is64Bit: false).Should().Be(0);
        _rig.Get<short>(Rig.Scratch + 20).Should().Be(0);
        _rig.Get<uint>(0x30_1010).Should().Be(0xaabbccdd);
    }
}
