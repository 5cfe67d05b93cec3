using System.Diagnostics;
using System.Globalization;
using Hospes.Differential.Cases;
using Iced.Intel;
using Xunit.Abstractions;

namespace Hospes.Differential;

/// <summary>
/// Blocks of several instructions, through the engine's loop and as emitted code, against the host processor. <c>HOSPES_FUZZ_INSTRUCTIONS=N</c> runs until that many
/// instructions were compared, and <c>HOSPES_FUZZ_SEED</c> (hexadecimal) repeats a run.
/// </summary>
[Collection(HostProcessorCollection.Name)]
public sealed class SequenceTests(ITestOutputHelper output)
{
    private const int ShortRun = 100_000;

    [Fact]
    public void Blocks_do_what_the_host_does()
    {
        string? count = Environment.GetEnvironmentVariable("HOSPES_FUZZ_INSTRUCTIONS");
        long wanted = count is null ? ShortRun : long.Parse(count, CultureInfo.InvariantCulture);
        string? given = Environment.GetEnvironmentVariable("HOSPES_FUZZ_SEED");
        ulong seed = given is null ? (ulong)Stopwatch.GetTimestamp() : ulong.Parse(given, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        using var run = new DifferentialRun(seed);
        List<Code> general = run.ComparableForms(InstructionFamilies.IsGeneralPurpose);
        List<Code> all = [.. general, .. run.ComparableForms(InstructionFamilies.IsXmm)];
        List<Code> usual = general.FindAll(InstructionFamilies.IsUsual);
        usual.Count.Should().BeGreaterThan(150);
        List<Code> x87 = run.ComparableForms(InstructionFamilies.IsX87);
        x87.RemoveAll(InstructionFamilies.StoresFpuPointers);
        x87.AddRange([.. usual, .. run.ComparableForms(InstructionFamilies.IsMmx)]);
        var random = new TestRandom(~seed);
        long instructions = 0;
        while (instructions < wanted)
            instructions += run.RunSequence(random.Chance(60) ? usual : random.Chance(50) ? x87 : all, random);
        output.WriteLine($"{instructions} instructions, {run.Compiled} blocks compiled; {run.Report}");
        run.Compiled.Should().BeGreaterThan(run.Report.Cases / 4, "emitted code is compared too");
        run.Report.FormsWithDifferences.Should().Be(0, "{0}", run.Report);
    }
}
