using System.Runtime.InteropServices;
using Hospes.Sdk;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Hypervisor.Leases;

public sealed unsafe class SharedPageTests
{
    [Fact]
    public void Both_sides_see_one_memory()
    {
        using LeasePage mine = LeasePage.Create(32);
        using LeasePage theirs = LeasePage.Open(Reopened(mine.Handle));
        theirs.Vcpus.Should().Be(32);
        ((nint)theirs.Line(31)).Should().NotBe((nint)mine.Line(31));
        mine.Line(31)->Poll = 5;
        theirs.Line(31)->Poll.Should().Be(5);
        mine.RaiseAttention(31);
        mine.RaiseAttention(0);
        theirs.TakeAttention().Should().Be(0x8000_0001);
        mine.TakeAttention().Should().Be(0);
    }

    [Fact]
    public void Lines_are_cache_lines()
    {
        sizeof(LeaseLine).Should().Be(64);
        sizeof(LeasePageHeader).Should().Be(64);
        sizeof(DoorbellLine).Should().Be(64);
        using LeasePage page = LeasePage.Create(2);
        ((nint)page.Line(0) % 64).Should().Be(0);
        ((nint)page.Line(1) - (nint)page.Line(0)).Should().Be(64);
    }

    [Fact]
    public void A_page_cannot_be_shrunk_under_the_other_side()
    {
        using LeasePage page = LeasePage.Create(1);
        page.Invoking(p => RandomAccess.SetLength(p.Handle, 0)).Should().Throw<Exception>().Which.Should().Match(e => e is IOException || e is UnauthorizedAccessException);
        page.Line(0)->Poll.Should().Be(0, "it is still there");
    }

    [Fact]
    public void A_page_that_could_be_shrunk_is_refused()
    {
        string path = Path.GetTempFileName();
        File.WriteAllBytes(path, new byte[4096]);
        SafeFileHandle handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, FileOptions.DeleteOnClose);
        FluentActions.Invoking(() => LeasePage.Open(handle)).Should().Throw<InvalidDataException>().WithMessage("*lease page*sealed*");
        handle.IsClosed.Should().BeTrue("it was taken over");
    }

    [Theory]
    [InlineData(0, 0UL, "does not begin")]
    [InlineData(8, 1UL, "version is 1")]
    [InlineData(12, 65UL, "65 vCPUs")]
    [InlineData(12, 0UL, "0 vCPUs")]
    public void A_page_of_another_kind_is_refused(int offset, ulong value, string why)
    {
        using LeasePage page = LeasePage.Create(1);
        *(uint*)((byte*)page.Line(0) - 64 + offset) = (uint)value;
        page.Invoking(p => LeasePage.Open(Reopened(p.Handle))).Should().Throw<InvalidDataException>().WithMessage($"*{why}*");
    }

    [Fact]
    public void A_ring_ends_a_wait_and_one_before_it_does_not_let_it_begin()
    {
        using DoorbellPage host = DoorbellPage.Create([3, 5]);
        using DoorbellPage domain = DoorbellPage.Open(Reopened(host.Handle));
        domain.HostCpu(1).Should().Be(5);
        uint seen = host.Rings(1);
        domain.Ring(1);
        host.Wait(1, seen, Nanoseconds.Never);
        seen = host.Rings(1);
        var waiter = Task.Run(() =>
        {
            while (host.Rings(1) == seen)
                host.Wait(1, seen, Nanoseconds.Never);
        });
        domain.Ring(1);
        waiter.Wait(TimeSpan.FromSeconds(10)).Should().BeTrue();
        domain.Invoking(d => d.Ring(4000)).Should().NotThrow("a number from a shared page may be anything");
        host.Rings(0).Should().Be(1);
    }

    [Fact]
    public void A_wait_ends_at_its_deadline()
    {
        using DoorbellPage bells = DoorbellPage.Create([0]);
        Nanoseconds deadline = MonotonicClock.Now + new Nanoseconds(3_000_000);
        while (MonotonicClock.Now < deadline)
            bells.Wait(0, 0, deadline);
        bells.Rings(0).Should().Be(0, "time alone ended it");
    }

    [Fact]
    public void The_clock_is_the_kernels_monotonic_one()
    {
        Timespec time = default;
        Nanoseconds before = MonotonicClock.Now;
        ClockGetTime(1, &time).Should().Be(0);
        Nanoseconds after = MonotonicClock.Now;
        ((time.Seconds * 1_000_000_000) + time.Nanoseconds).Should().BeInRange(before.Value, after.Value);
    }

    private static SafeFileHandle Reopened(SafeFileHandle handle) =>
        File.OpenHandle($"/proc/self/fd/{handle.DangerousGetHandle()}", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int ClockGetTime(int clock, Timespec* time);

    private struct Timespec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
