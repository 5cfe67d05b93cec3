using System.Text.Json;
using Hospes.Schedulers.RoundRobin;
using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.Schedulers;

public sealed class RoundRobinSchedulerTests
{
    private static readonly Nanoseconds Slice = Nanoseconds.FromMilliseconds(30);
    private static readonly Nanoseconds Start = new(1_000);
    private readonly RoundRobinScheduler _scheduler = new();

    [Fact]
    public void Nothing_runnable_leaves_the_pcpu_idle_until_something_happens()
    {
        _scheduler.Start(1, Start);
        _scheduler.Add(Vcpu(1), Start);
        Next(0).Should().Be(new SchedulingDecision(null, Nanoseconds.Never));
    }

    [Fact]
    public void Runnable_vcpus_take_turns_in_the_order_they_woke()
    {
        Begin(pcpus: 1, vcpus: 3);
        Enumerable.Range(0, 7).Select(_ => Next(0).Vcpu!.Value.Domain.Value).Should().Equal(1, 2, 3, 1, 2, 3, 1);
        Next(0).Slice.Should().Be(Slice);
    }

    [Fact]
    public void One_alone_keeps_its_pcpu_turn_after_turn()
    {
        Begin(pcpus: 2, vcpus: 1);
        Next(0).Vcpu.Should().Be(Vcpu(1));
        Next(0).Vcpu.Should().Be(Vcpu(1));
        Next(1).Vcpu.Should().BeNull("it is not given to two pCPUs at once");
    }

    [Fact]
    public void Shares_are_equal_when_vcpus_do_not_divide_by_pcpus()
    {
        const int Pcpus = 2;
        const int Rounds = 900;
        Begin(Pcpus, vcpus: 3);
        var turns = new Dictionary<VcpuKey, int>();
        var running = new VcpuKey?[Pcpus];
        for (int round = 0; round < Rounds; round++)
        {
            int pcpu = round % Pcpus;
            VcpuKey chosen = Next(pcpu).Vcpu!.Value;
            running[1 - pcpu].Should().NotBe(chosen, "it runs on the other pCPU");
            running[pcpu] = chosen;
            turns[chosen] = turns.GetValueOrDefault(chosen) + 1;
        }
        turns.Values.Should().HaveCount(3).And.OnlyContain(count => count == Rounds / 3);
    }

    [Fact]
    public void A_vcpu_that_blocks_leaves_its_turn_and_the_queue()
    {
        Begin(pcpus: 1, vcpus: 3);
        Next(0).Vcpu.Should().Be(Vcpu(1));
        _scheduler.Block(Vcpu(1), Start);
        _scheduler.Block(Vcpu(2), Start);
        Next(0).Vcpu.Should().Be(Vcpu(3));
        Next(0).Vcpu.Should().Be(Vcpu(3));
    }

    [Fact]
    public void A_wake_calls_an_idle_pcpu_once_and_preempts_nobody()
    {
        Begin(pcpus: 2, vcpus: 0);
        for (ushort domain = 1; domain <= 3; domain++)
            _scheduler.Add(Vcpu(domain), Start);
        Next(0);
        Next(1);
        _scheduler.Wake(Vcpu(1), Start).Should().Be(new PcpuId(0));
        _scheduler.Wake(Vcpu(2), Start).Should().Be(new PcpuId(1));
        _scheduler.Wake(Vcpu(3), Start).Should().BeNull();
        _scheduler.Wake(Vcpu(1), Start).Should().BeNull("it is runnable already");
        Next(0).Vcpu.Should().Be(Vcpu(1));
        _scheduler.Wake(Vcpu(1), Start).Should().BeNull("it runs already");
    }

    [Fact]
    public void A_removed_vcpu_never_runs_again_wherever_it_was()
    {
        Begin(pcpus: 1, vcpus: 3);
        Next(0).Vcpu.Should().Be(Vcpu(1));
        _scheduler.Remove(Vcpu(1), Start);
        _scheduler.Remove(Vcpu(2), Start);
        Next(0).Vcpu.Should().Be(Vcpu(3));
        _scheduler.Invoking(s => s.Wake(Vcpu(1), Start)).Should().Throw<KeyNotFoundException>();
    }

    [Fact]
    public void A_vcpu_that_wakes_often_gets_no_more_than_its_turn()
    {
        Begin(pcpus: 1, vcpus: 2);
        var order = new List<VcpuKey?>();
        for (int turn = 0; turn < 6; turn++)
        {
            SchedulingDecision decision = Next(0);
            order.Add(decision.Vcpu);
            if (decision.Vcpu == Vcpu(1))
            {
                _scheduler.Block(Vcpu(1), Start);
                _scheduler.Wake(Vcpu(1), Start);
            }
        }
        order.Should().Equal(Vcpu(1), Vcpu(2), Vcpu(1), Vcpu(2), Vcpu(1), Vcpu(2));
    }

    [Fact]
    public void The_slice_can_be_set()
    {
        Configure("""{"slice-ms": 5}""");
        Begin(pcpus: 1, vcpus: 1);
        Next(0).Slice.Should().Be(Nanoseconds.FromMilliseconds(5));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1001")]
    [InlineData("2.5")]
    [InlineData("\"long\"")]
    [InlineData("null")]
    public void A_slice_out_of_bounds_is_refused_by_name_value_and_bounds(string value) =>
        this.Invoking(t => t.Configure($$"""{"slice-ms": {{value}}}""")).Should().Throw<FormatException>()
            .WithMessage($"slice-ms is {value};*1 to 1000*");

    private static VcpuKey Vcpu(ushort domain) => new(new DomainId(domain), new VcpuId(0));

    private void Configure(string json) => _scheduler.Configure(JsonDocument.Parse(json).RootElement);

    private SchedulingDecision Next(int pcpu) => _scheduler.Next(new PcpuId(pcpu), Start);

    private void Begin(int pcpus, ushort vcpus)
    {
        _scheduler.Start(pcpus, Start);
        for (ushort domain = 1; domain <= vcpus; domain++)
        {
            _scheduler.Add(Vcpu(domain), Start);
            _scheduler.Wake(Vcpu(domain), Start);
        }
    }
}
