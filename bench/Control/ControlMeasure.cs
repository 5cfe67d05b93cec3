using System.Diagnostics;
using System.Globalization;
using Hospes.Bench.Guests;

namespace Hospes.Bench.Control;

/// <summary>
/// <c>control</c>: what the control plane takes by itself, with guests that do next to nothing. There is no peer; each line is a plain figure. Parts:
/// <c>create</c>, <c>list</c>, <c>adopt</c>, <c>parallel</c>, <c>cycles</c>.
/// </summary>
internal static class ControlMeasure
{
    private const int CyclesPerRun = 200;

    // Creations by people come with time between them, in which the daemon makes its next process ready.
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    public static async Task<int> RunAsync(BenchOptions options, CancellationToken cancellation)
    {
        (string Name, Func<Task> Work)[] parts =
        [
            ("create", () => CreateAsync(options, cancellation)),
            ("list", () => ListAsync(options, cancellation)),
            ("adopt", () => AdoptAsync(options, cancellation)),
            ("parallel", () => ParallelAsync(options, cancellation)),
            ("cycles", () => CyclesAsync(options, cancellation)),
        ];
        string[] names = [.. parts.Select(static part => part.Name)];
        if (options.Only.Except(names).FirstOrDefault() is { } unknown)
            throw new BenchException($"control has no part '{unknown}'; there are {string.Join(", ", names)}");
        foreach ((_, Func<Task> work) in parts.Where(part => options.Only.Count == 0 || options.Only.Contains(part.Name)))
            await work();
        return 0;
    }

    /// <summary>From the request to the first instruction: a guest of four bytes, and a stock kernel with its initrd, one right after another and with time between.</summary>
    private static async Task CreateAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        ControlGuests guests = new(appliance);
        (string, bool, TimeSpan, int)[] kinds =
        [
            ("tiny", false, TimeSpan.Zero, 8 * options.Runs), ("stock", true, TimeSpan.Zero, 4 * options.Runs), ("stock-after-rest", true, Rest, 4 * options.Runs),
        ];
        foreach ((string kind, bool isStock, TimeSpan rest, int count) in kinds)
        {
            Durations times = new();
            for (int run = 0; run <= count; run++)
            {
                string name = string.Create(CultureInfo.InvariantCulture, $"{kind}{run}");
                async Task FirstInstructionAsync()
                {
                    await (isStock ? guests.CreateAsync(name, options.Kernel, options.Initrd, options.MemoryMiB, cancellation) : guests.CreateAsync(name, cancellation));
                    await guests.UnpauseAsync(name, cancellation);
                    await guests.ExecutesAsync(name, cancellation);
                }

                await Task.Delay(rest, cancellation);

                // The first warms the daemon up.
                await (run == 0 ? FirstInstructionAsync() : times.TimeAsync(FirstInstructionAsync));
                await guests.DestroyAsync(name, cancellation);
            }

            Console.WriteLine($"control create-to-first-instruction guest={kind} {times}");
            string log = await File.ReadAllTextAsync(Path.Combine(appliance.Root, "var/log/xen/xend.log"), cancellation);
            string last = log.Split('\n').Last(line => line.Contains($"domain {kind}", StringComparison.Ordinal) && line.Contains(" made in ", StringComparison.Ordinal));
            Console.WriteLine($"# one of them, up to the answer: {last[(last.IndexOf(" made in ", StringComparison.Ordinal) + " made in ".Length)..]}");
        }
    }

    /// <summary>xm list, program start included, with 1, 10 and 100 guests, and with one of the 100 that does not answer.</summary>
    private static async Task ListAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        ControlGuests guests = new(appliance);
        int present = 0;
        foreach (int count in (int[])[1, 10, 100])
        {
            await guests.RunAsync(present, count, cancellation);
            present = count;
            Console.WriteLine($"control list guests={count} {await ListTimesAsync(appliance, options, cancellation)}");
        }

        using Process hung = await guests.ProcessAsync("g7", cancellation);
        await Tool.RunAsync(Tool.Command("kill", "-STOP", hung.Id.ToString(CultureInfo.InvariantCulture)), cancellation);
        Console.WriteLine($"control list guests=100 one-hangs {await ListTimesAsync(appliance, options, cancellation)}");
        hung.Kill();
    }

    private static async Task<Durations> ListTimesAsync(Appliance appliance, BenchOptions options, CancellationToken cancellation)
    {
        Durations times = new();
        for (int run = 0; run < 4 * options.Runs; run++)
            await times.TimeAsync(() => Tool.RunAsync(appliance.Xm("list"), cancellation));
        return times;
    }

    /// <summary>The daemon is killed with fifty guests under it, and started again.</summary>
    private static async Task AdoptAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        await new ControlGuests(appliance).RunAsync(0, 50, cancellation);
        for (int run = 0; run < options.Runs; run++)
        {
            using Process daemon = Process.GetProcessById(Footprint.PidOf(appliance));
            daemon.Kill();
            await daemon.WaitForExitAsync(cancellation);
            long begun = Stopwatch.GetTimestamp();
            await Tool.RunAsync(appliance.Command(options.HostProgram, "xend", "start"), cancellation);
            double start = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            string log = await File.ReadAllTextAsync(Path.Combine(appliance.Root, "var/log/xen/xend.log"), cancellation);
            string line = log.Split('\n').Last(static line => line.Contains("of an earlier xend taken over", StringComparison.Ordinal));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"control adopt {line[(line.LastIndexOf(") ", StringComparison.Ordinal) + 2)..]}; xend start took {start:0} ms in all"));
        }
    }

    /// <summary>A hundred creations at once, then as many removals.</summary>
    private static async Task ParallelAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        ControlGuests guests = new(appliance);
        string[] names = [.. Enumerable.Range(0, 100).Select(static number => string.Create(CultureInfo.InvariantCulture, $"p{number}"))];
        Durations creations = new();
        Durations removals = new();
        long begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(names.Select(name => creations.TimeAsync(() => guests.CreateAsync(name, cancellation))));
        double created = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        begun = Stopwatch.GetTimestamp();
        await Task.WhenAll(names.Select(name => removals.TimeAsync(() => guests.DestroyAsync(name, cancellation))));
        double removed = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"control parallel-create all={created:0.0}s {creations}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"control parallel-destroy all={removed:0.0}s {removals}"));
    }

    /// <summary>Creations and removals one after the other, and what the daemon has grown by.</summary>
    private static async Task CyclesAsync(BenchOptions options, CancellationToken cancellation)
    {
        await using Appliance appliance = await Appliance.StartAsync(options, cancellation);
        ControlGuests guests = new(appliance);
        int cycles = CyclesPerRun * options.Runs;
        for (int cycle = -20; cycle < cycles; cycle++)
        {
            // After the first few everything is compiled and every pool filled.
            if (cycle >= 0 && cycle % CyclesPerRun == 0)
                Console.WriteLine($"# after {cycle} cycles: {Footprint.Of(appliance)}");
            await guests.CreateAsync("cycle", cancellation);
            await guests.UnpauseAsync("cycle", cancellation);
            await guests.DestroyAsync("cycle", cancellation);
        }

        Console.WriteLine($"control cycles={cycles} {Footprint.Of(appliance)}");
    }
}
