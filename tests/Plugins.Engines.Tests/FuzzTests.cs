using System.Globalization;
using Hospes.Engines.Tests.Fuzzing;
using Xunit.Abstractions;

namespace Hospes.Engines.Tests;

/// <summary>No guest can crash its process: random code, tables and registers; memory outside the guest's is guarded.</summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    /// <summary>Seconds of fuzzing in all; <c>HOSPES_FUZZ_SECONDS</c> changes them, <c>HOSPES_FUZZ_SEED</c> repeats a run.</summary>
    private static double Seconds => double.Parse(Environment.GetEnvironmentVariable("HOSPES_FUZZ_SECONDS") ?? "20", CultureInfo.InvariantCulture);

    [Theory]
    [InlineData(GuestKind.Real)]
    [InlineData(GuestKind.Protected32)]
    [InlineData(GuestKind.Kernel64)]
    [InlineData(GuestKind.User64)]
    [InlineData(GuestKind.Anything)]
    public void Random_guests_neither_throw_nor_hang(GuestKind kind)
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("HOSPES_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);
        var fuzzer = new RandomGuest();
        long until = Environment.TickCount64 + (long)(Seconds * 1000 / Enum.GetValues<GuestKind>().Length);
        int runs = 0;
        ulong instructions = 0;
        Console.WriteLine($"fuzzing {kind} from seed {seed}");
        do
        {
            int now = seed + runs++;
            Action run = () => instructions += fuzzer.Run(kind, now);
            run.Should().NotThrow($"kind {kind}, seed {now}");
        }
        while (Environment.TickCount64 < until);
        output.WriteLine($"{kind}: {runs} guests from seed {seed}, {instructions} instructions");
        instructions.Should().BeGreaterThan((ulong)runs, "a guest runs more than one instruction on average");
    }
}
