using Hospes.Hypervisor.Backends.Devices;

namespace Hospes.Hypervisor.Tests.Backends;

public sealed class BackendWorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(-1)]
    [InlineData(50)]
    public void No_signal_is_lost_between_looking_and_sleeping(long lingers)
    {
        const int Signals = 20_000;
        int given = 0, taken = 0;
        using BackendWorker worker = new(
            "tried",
            self =>
            {
                while (!self.IsStopping)
                {
                    Volatile.Write(ref taken, Volatile.Read(ref given));
                    if (!self.Linger(static () => false, lingers))
                        self.Wait();
                }
            },
            failure => Assert.Fail(failure.Message));
        worker.Start();
        for (int signal = 1; signal <= Signals; signal++)
        {
            Volatile.Write(ref given, signal);
            worker.Signal();

            // Now soon, now when the worker is on its way to sleep.
            Thread.SpinWait(signal % 400);
            SpinWait.SpinUntil(() => Volatile.Read(ref taken) == signal, Patience).Should().BeTrue($"signal {signal} must come through");
        }
    }

    [Fact]
    public void Work_that_nobody_signals_is_seen_while_the_worker_looks()
    {
        bool isThere = false;
        bool? seen = null;
        using BackendWorker worker = new(
            "tried",
            self =>
            {
                isThere = true;
                seen = self.Linger(() => isThere, microseconds: 50);
            },
            failure => Assert.Fail(failure.Message));
        worker.Start();
        SpinWait.SpinUntil(() => seen is not null, Patience).Should().BeTrue();
        seen.Should().BeTrue();
    }
}
