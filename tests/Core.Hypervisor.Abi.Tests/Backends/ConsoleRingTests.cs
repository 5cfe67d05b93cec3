using System.Text;
using Hospes.Hypervisor.Abi.Tests.Fakes;

namespace Hospes.Hypervisor.Abi.Tests.Backends;

public sealed class ConsoleRingTests : IDisposable
{
    private const int OutputBase = 1024;
    private const int InputConsumer = 3072;
    private const int InputProducer = 3076;
    private const int OutputConsumer = 3080;
    private const int OutputProducer = 3084;
    private readonly Rig _rig = new();

    public void Dispose() => _rig.Dispose();

    private ref uint Index(int offset) => ref _rig.Page<uint>(_rig.ConsolePage, offset);

    private void Notify() => _rig.Event(4, _rig.Domain.ConsolePort.Value).Should().Be(0);

    private void GuestWrites(string text)
    {
        foreach (byte character in Encoding.Latin1.GetBytes(text))
            _rig.Page<byte>(_rig.ConsolePage, OutputBase + (int)(Index(OutputProducer)++ & 2047)) = character;
    }

    private string GuestReads()
    {
        StringBuilder text = new();
        while (Index(InputConsumer) != Index(InputProducer))
            text.Append((char)_rig.Page<byte>(_rig.ConsolePage, (int)(Index(InputConsumer)++ & 1023)));
        return text.ToString();
    }

    [Fact]
    public void What_the_guest_writes_arrives_and_the_guest_is_told()
    {
        GuestWrites("Linux version 6.1\r\n");
        Notify();
        _rig.Console.Output.Should().Be("Linux version 6.1\r\n");
        Index(OutputConsumer).Should().Be(Index(OutputProducer));
        _rig.IsPending(_rig.Domain.ConsolePort.Value).Should().BeTrue();
        _rig.ClearEvents();
        Notify();
        _rig.IsPending(_rig.Domain.ConsolePort.Value).Should().BeFalse("nothing moved");
    }

    [Fact]
    public void Indices_run_freely_past_the_buffers_and_past_32_bits()
    {
        Index(OutputProducer) = Index(OutputConsumer) = uint.MaxValue - 1000;
        string all = "";
        for (int part = 0; part < 5; part++)
        {
            string text = string.Concat(Enumerable.Range(0, 1900).Select(index => (char)('a' + ((index + part) % 26))));
            GuestWrites(text);
            Notify();
            all += text;
        }

        _rig.Console.Output.Should().Be(all);
    }

    [Fact]
    public void What_people_type_reaches_the_guest_as_it_makes_room()
    {
        string text = string.Concat(Enumerable.Range(0, 2500).Select(index => (char)('a' + (index % 26))));
        _rig.Console.Type(text);
        _rig.IsPending(_rig.Domain.ConsolePort.Value).Should().BeTrue();
        string got = GuestReads();
        got.Length.Should().Be(1024);
        _rig.Console.Waiting.Should().Be(2500 - 1024);
        Notify();
        got += GuestReads();
        Notify();
        got += GuestReads();
        got.Should().Be(text);
    }

    [Fact]
    public void Impossible_output_indices_lose_the_output_and_are_reported_once()
    {
        for (int time = 0; time < 3; time++)
        {
            Index(OutputProducer) = Index(OutputConsumer) + 2049;
            Notify();
        }

        _rig.Console.Output.Should().BeEmpty();
        _rig.Messages.Should().ContainSingle(text => text.Contains("impossible indices"));
        GuestWrites("well again\n");
        Notify();
        _rig.Console.Output.Should().Be("well again\n");
    }

    [Fact]
    public void Impossible_input_indices_keep_what_was_typed()
    {
        Index(InputConsumer) = 5;
        _rig.Console.Type("abc");
        _rig.Console.Waiting.Should().Be(3);
        Index(InputConsumer) = 0;
        Notify();
        GuestReads().Should().Be("abc");
    }

    [Fact]
    public void Random_garbage_in_the_page_never_harms()
    {
        Random random = new(99);
        for (int round = 0; round < 20_000; round++)
        {
            Index(OutputProducer) = (uint)random.NextInt64();
            if (round % 2 == 0)
                Index(OutputConsumer) = (uint)random.NextInt64();
            Index(InputConsumer) = (uint)random.NextInt64();
            Index(InputProducer) = (uint)random.NextInt64();
            if (round % 100 == 0)
                _rig.Console.Type("x");
            Notify();
        }

        _rig.Messages.Should().ContainSingle();
    }

    [Fact]
    public void The_last_words_are_read_when_the_domain_ends()
    {
        GuestWrites("reboot: Power down\n");
        _rig.Dispose();
        _rig.Console.Output.Should().Be("reboot: Power down\n");
        _rig.Console.Type("too late");
    }
}
