using Hospes.Integration.Support;

namespace Hospes.Integration;

/// <summary>
/// Engine against engine on a real guest: however much of a stock kernel and of its user land is interpreted or compiled, and however often what was
/// compiled is thrown away, the guest says the same.
/// </summary>
public sealed class EngineHabitTests(EngineHabitTests.UsualBoot usual) : IClassFixture<EngineHabitTests.UsualBoot>
{
    [Fact]
    public async Task Interpreted_alone_it_says_the_same()
    {
        TracedBoot boot = await TracedBoot.RunAsync(("GUEST_TRACE_COMPILE_AFTER", "never"));
        boot.Counter("instructions-interpreted").Should().BeGreaterThan(100_000_000);
        boot.Counter("blocks-compiled").Should().BeNull();
        SaysTheSame(boot);
    }

    [Fact]
    public async Task Compiled_before_its_first_execution_it_says_the_same()
    {
        TracedBoot boot = await TracedBoot.RunAsync(("GUEST_TRACE_COMPILE_AFTER", "0"));
        boot.Counter("blocks-compiled").Should().BeGreaterThan(usual.Boot.Counter("blocks-compiled")!.Value);
        SaysTheSame(boot);
    }

    [Fact]
    public async Task With_a_cache_that_is_emptied_all_the_time_it_says_the_same()
    {
        TracedBoot boot = await TracedBoot.RunAsync(("GUEST_TRACE_COMPILE_AFTER", "0"), ("GUEST_TRACE_CODE_BYTES", "1048576"));
        boot.Counter("code-flushes").Should().BeGreaterThan(5);
        SaysTheSame(boot);
    }

    private void SaysTheSame(TracedBoot boot)
    {
        usual.Boot.Sum.Should().NotBeEmpty();
        boot.Sum.Should().Be(usual.Boot.Sum);
        boot.Lines.Except(usual.Boot.Lines, StringComparer.Ordinal).Should().BeEmpty("nothing is said that usually is not");
        usual.Boot.Lines.Except(boot.Lines, StringComparer.Ordinal).Should().BeEmpty("all is said that usually is");
    }

    /// <summary>The same guest with the engine's usual habits: hot code is compiled.</summary>
    public sealed class UsualBoot : IAsyncLifetime
    {
        internal TracedBoot Boot { get; private set; } = null!;

        public async Task InitializeAsync() => Boot = await TracedBoot.RunAsync();

        public Task DisposeAsync() => Task.CompletedTask;
    }
}
