using Hospes.Sdk;

namespace Hospes.Host.Plugins;

public sealed class PluginGuardTests
{
    private static readonly PluginOperation Once = new("open a console") { Answers = [typeof(IOException)] };
    private static readonly PluginOperation Repeatable = new("say its name") { IsSafeToRepeat = true };
    private static readonly PluginGuardOptions Options = new()
    {
        Timeout = TimeSpan.FromSeconds(10),
        Retries = 2,
        RetryDelay = TimeSpan.FromMilliseconds(100),
        FailuresUntilBreak = 3,
        BreakTime = TimeSpan.FromSeconds(30),
    };

    private readonly ManualTime _time = new();
    private readonly PluginGuard _guard;
    private int _calls;

    public PluginGuardTests() => _guard = new PluginGuard("console-backend 'socket'", Options, _time);

    [Fact]
    public void What_works_is_not_noticed() => _guard.Call(Once, () => 7).Should().Be(7);

    [Fact]
    public void A_failure_names_plugin_domain_operation_and_cause()
    {
        PluginFailureException failure = _guard.Invoking(g => g.Call(Once, Throw, new DomainId(3))).Should().Throw<PluginFailureException>()
            .WithMessage("plugin console-backend 'socket' could not open a console for domain 3: no luck").Which;
        failure.InnerException.Should().BeOfType<InvalidOperationException>();
        failure.Domain.Should().Be(new DomainId(3));
        _calls.Should().Be(1, "it is not known to be safe to repeat");
    }

    [Fact]
    public void A_plain_guard_limits_the_time_and_names_who_failed()
    {
        PluginGuard plain = new("engine 'x'", Options with { IsPlain = true, Timeout = TimeSpan.FromMilliseconds(50) });
        using ManualResetEventSlim never = new();
        plain.Call(Once, () => 7).Should().Be(7);
        plain.Invoking(g => g.Call(Once, Throw)).Should().Throw<PluginFailureException>().WithMessage("plugin engine 'x' could not open a console: no luck");
        plain.Invoking(g => g.Call<int>(Once, () => throw new FileNotFoundException("the path is wrong"))).Should().Throw<FileNotFoundException>();
        plain.Invoking(g => g.Call<int>(Once, () => throw new TimeoutException("its own"))).Should().Throw<PluginFailureException>().WithMessage("*its own");
        plain.Invoking(g => g.Call(Once, () =>
        {
            never.Wait();
            return 0;
        })).Should().Throw<PluginFailureException>().WithMessage("*it took longer than 0.05 s");
        never.Set();
    }

    [Fact]
    public void An_answer_by_exception_is_passed_on_and_says_nothing_against_the_plugin()
    {
        for (int call = 0; call < Options.FailuresUntilBreak * 2; call++)
            _guard.Invoking(g => g.Call<int>(Once, () => throw new FileNotFoundException("the path is wrong"))).Should().Throw<FileNotFoundException>();
        _guard.Call(Once, () => 1).Should().Be(1);
    }

    [Fact]
    public async Task What_is_safe_to_repeat_is_tried_again()
    {
        Task<int> call = Async(Repeatable, () => ++_calls < 3 ? throw new InvalidOperationException("not yet") : 5);
        await AdvanceUntilDone(call, Options.RetryDelay);
        (await call).Should().Be(5);
        _calls.Should().Be(3);
    }

    [Fact]
    public async Task Tries_come_to_an_end()
    {
        Task<int> call = Async(Repeatable, Throw);
        await AdvanceUntilDone(call, Options.RetryDelay);
        await call.Awaiting(c => c).Should().ThrowAsync<PluginFailureException>().WithMessage("*could not say its name: no luck");
        _calls.Should().Be(1 + Options.Retries);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_call_that_does_not_end_is_left_behind_and_not_repeated(bool repeatable)
    {
        using var release = new ManualResetEventSlim();
        Task<int> call = Async(repeatable ? Repeatable : Once, () =>
        {
            Interlocked.Increment(ref _calls);
            release.Wait();
            return 1;
        });
        SpinWait.SpinUntil(() => Volatile.Read(ref _calls) == 1, TimeSpan.FromSeconds(10)).Should().BeTrue();
        call.IsCompleted.Should().BeFalse();
        await AdvanceUntilDone(call, Options.Timeout);
        await call.Awaiting(c => c).Should().ThrowAsync<PluginFailureException>().WithMessage("*took longer than 10 s");
        _calls.Should().Be(1);
        release.Set();
    }

    [Fact]
    public void A_plugin_that_keeps_failing_is_left_alone_for_a_while()
    {
        for (int call = 0; call < Options.FailuresUntilBreak; call++)
            _guard.Invoking(g => g.Call(Once, Throw)).Should().Throw<PluginFailureException>().WithMessage("*no luck");
        _guard.Invoking(g => g.Call(Once, Throw)).Should().Throw<PluginFailureException>().WithMessage("*left alone for 30 s");
        _calls.Should().Be(Options.FailuresUntilBreak, "the last one was not made");
        _time.Advance(Options.BreakTime);
        _guard.Call(Once, () => 4).Should().Be(4);
        _guard.Call(Once, () => 5).Should().Be(5, "it is trusted again");
    }

    [Fact]
    public void One_plugins_failures_are_not_anothers()
    {
        for (int call = 0; call < Options.FailuresUntilBreak; call++)
            _guard.Invoking(g => g.Call(Once, Throw)).Should().Throw<PluginFailureException>();
        new PluginGuard("another", Options, _time).Call(Once, () => 1).Should().Be(1);
    }

    [Fact]
    public async Task A_caller_that_gives_up_is_told_so_and_the_plugin_is_not_blamed()
    {
        using var cancel = new CancellationTokenSource();
        Task<int> call = _guard.CallAsync(Once, async token =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, token);
            return 1;
        }, null, cancel.Token);
        await cancel.CancelAsync();
        await call.Awaiting(c => c).Should().ThrowAsync<OperationCanceledException>();
    }

    private int Throw()
    {
        _calls++;
        throw new InvalidOperationException("no luck");
    }

    private Task<int> Async(PluginOperation operation, Func<int> call) => _guard.CallAsync(operation, _ => new ValueTask<int>(call()), null, CancellationToken.None);

    // The clock goes on only while somebody waits for it.
    private async Task AdvanceUntilDone(Task call, TimeSpan step)
    {
        while (!call.IsCompleted)
        {
            if (_time.Waiting > 0)
                _time.Advance(step);

            // What the step has set free gets real time, or the clock would run away from it up to the time-out.
            await Task.Delay(1);
        }
    }
}
