using Hospes.Host.Logging;
using Hospes.Host.Tests.Support;

namespace Hospes.Host.Tests.Logging;

public sealed class HypervisorRingTests
{
    [Fact]
    public void Lines_carry_the_hypervisors_prefix()
    {
        HypervisorRing ring = new();
        ring.Say("one");
        ring.Append("two\n");
        ring.Read().Should().Be("(XEN) one\ntwo\n");
    }

    [Fact]
    public void The_latest_bytes_stay_when_it_is_full()
    {
        HypervisorRing ring = new();
        for (int line = 0; line < 5000; line++)
            ring.Say($"line {line}");
        string text = ring.Read();
        text.Should().HaveLength(HypervisorRing.Capacity).And.EndWith("(XEN) line 4999\n").And.NotContain("line 1\n");
    }

    [Fact]
    public void A_character_cut_by_the_end_of_the_buffer_is_left_out()
    {
        HypervisorRing ring = new();
        ring.Append("é");
        ring.Append(new string('x', HypervisorRing.Capacity - 1));
        ring.Read().Should().Be(new string('x', HypervisorRing.Capacity - 1));
    }

    [Fact]
    public void Clearing_forgets_what_was_there_and_not_what_comes()
    {
        HypervisorRing ring = new();
        ring.Say("old");
        ring.Clear();
        ring.Read().Should().BeEmpty();
        ring.Say("new");
        ring.Read().Should().Be("(XEN) new\n");
    }

    [Fact]
    public void A_guest_cannot_send_escape_sequences_to_a_readers_terminal()
    {
        HypervisorRing ring = new();
        ring.Append("(d1) \e[2J\u009b\0done\n");
        ring.Read().Should().Be("(d1) \\x1b[2J\\x9b\\x00done\n");
    }

    [Fact]
    public void In_a_file_it_goes_on_where_the_last_daemon_was()
    {
        using TemporaryDirectory directory = new();
        string path = directory.File("messages");
        using (HypervisorRing first = new(path))
        {
            first.IsContinued.Should().BeFalse();
            first.Say("cleared");
            first.Clear();
            first.Say("kept");
        }

        using (HypervisorRing second = new(path))
        {
            second.IsContinued.Should().BeTrue();
            second.Say("more");
            second.Read().Should().Be("(XEN) kept\n(XEN) more\n");
            second.Dispose();
            second.Say("too late");
        }

        File.WriteAllBytes(path, [.. Enumerable.Repeat((byte)0xff, 17_000)]);
        using HypervisorRing third = new(path);
        third.IsContinued.Should().BeFalse("there was something else in the file");
        third.Read().Should().BeEmpty();
    }
}
