using System.Diagnostics;
using System.Globalization;
using Hospes.Differential.Cases;
using Iced.Intel;
using Xunit.Abstractions;

namespace Hospes.Differential;

/// <summary>
/// Long random runs: <c>HOSPES_FUZZ_INSTRUCTIONS=N</c> compares N cases over all forms; <c>HOSPES_FUZZ_SEED</c> (hexadecimal) repeats a run,
/// <c>HOSPES_FUZZ_FORMS</c> takes only forms whose name contains it. Without them, a short run with a seed of its own.
/// </summary>
[Collection(HostProcessorCollection.Name)]
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int ShortRun = 20_000;

    [Fact]
    public void Random_instructions_do_what_the_host_does()
    {
        string? count = Environment.GetEnvironmentVariable("HOSPES_FUZZ_INSTRUCTIONS");
        long cases = count is null ? ShortRun : long.Parse(count, CultureInfo.InvariantCulture);
        string? given = Environment.GetEnvironmentVariable("HOSPES_FUZZ_SEED");
        ulong seed = given is null ? (ulong)Stopwatch.GetTimestamp() : ulong.Parse(given, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        string part = Environment.GetEnvironmentVariable("HOSPES_FUZZ_FORMS") ?? "";
        using var run = new DifferentialRun(seed);
        List<Code> forms = run.ComparableForms(code => code.ToString().Contains(part, StringComparison.OrdinalIgnoreCase));
        forms.Should().NotBeEmpty();
        var random = new TestRandom(~seed);
        long made = 0;
        for (long i = 0; i < cases; i++)
        {
            if (run.RunOne(forms[random.Next(forms.Count)]))
                made++;
        }

        output.WriteLine(run.Report.ToString());
        run.Compiled.Should().BeGreaterThan(cases / 4, "emitted code is compared too");
        made.Should().BeGreaterThan(cases / 2);
        run.Report.FormsWithDifferences.Should().Be(0, "{0}", run.Report);
    }
}
