using Hospes.Bench.Control;
using Hospes.Bench.Measures;
using Hospes.Bench.Security;

namespace Hospes.Bench;

/// <summary>
/// Measures Hospes against a peer in the same run and prints a ratio: how many times faster than the peer. Started by <c>./hospes bench</c>, which
/// has built everything, downloaded the kernel and passes the places in the environment.
/// </summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using CancellationTokenSource interrupt = new();
        Console.CancelKeyPress += (_, press) =>
        {
            press.Cancel = true;
            interrupt.Cancel();
        };
        try
        {
            BenchOptions options = BenchOptions.Parse(arguments);
            return options.Measure switch
            {
                "acm" => await SecurityMeasure.RunAsync(options, interrupt.Token),
                "boot" => await BootMeasure.RunAsync(options, interrupt.Token),
                "control" => await ControlMeasure.RunAsync(options, interrupt.Token),
                "cpu" => await CpuMeasure.RunAsync(options, interrupt.Token),
                "sched" => await SchedMeasure.RunAsync(options, interrupt.Token),
                "net" => await NetMeasure.RunAsync(options, interrupt.Token),
                "disk" => await DiskMeasure.RunAsync(options, interrupt.Token),
                _ => throw new BenchException($"there is no measure '{options.Measure}'; known ones: acm, boot, control, cpu, sched, net, disk"),
            };
        }
        catch (BenchException failure)
        {
            await Console.Error.WriteLineAsync($"Error: {failure.Message}");
            return 1;
        }
        catch (OperationCanceledException) when (interrupt.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Interrupted.");
            return 130;
        }
    }
}
