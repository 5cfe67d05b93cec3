using Hospes.Differential.Cases;
using Iced.Intel;
using Xunit.Abstractions;

namespace Hospes.Differential;

/// <summary>General-purpose instructions against the host processor.</summary>
[Collection(HostProcessorCollection.Name)]
public sealed class IntegerInstructionTests(ITestOutputHelper output)
{
    private const ulong FixedSeed = 0x5eed_0001;

    [Fact]
    public void General_purpose_instructions_do_what_the_host_does()
    {
        using var run = new DifferentialRun(FixedSeed);
        run.RunForms(InstructionFamilies.IsGeneralPurpose, cases: 200);
        output.WriteLine(run.Report.ToString());
        run.Report.Forms.Should().BeGreaterThan(500);
        run.Report.FormsWithDifferences.Should().Be(0, "{0}", run.Report);
    }
}
