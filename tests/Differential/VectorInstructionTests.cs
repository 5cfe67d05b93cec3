using Hospes.Differential.Cases;
using Iced.Intel;
using Xunit.Abstractions;

namespace Hospes.Differential;

/// <summary>SSE, MMX and x87 instructions against the host processor, with misaligned and faulting operands and unmasked exceptions.</summary>
[Collection(HostProcessorCollection.Name)]
public sealed class VectorInstructionTests(ITestOutputHelper output)
{
    private const ulong FixedSeed = 0x5eed_0002;

    [Fact]
    public void Sse_and_mmx_instructions_do_what_the_host_does()
        => Run(InstructionFamilies.IsVector, forms: 350);

    [Fact]
    public void X87_instructions_do_what_the_host_does()
        => Run(InstructionFamilies.IsX87, forms: 120);

    private void Run(Func<Code, bool> family, int forms)
    {
        using var run = new DifferentialRun(FixedSeed);
        run.RunForms(family, cases: 200);
        output.WriteLine(run.Report.ToString());
        run.Report.Forms.Should().BeGreaterThan(forms);
        run.Compiled.Should().BeGreaterThan(forms * 100L, "emitted code is compared too");
        run.Report.FormsWithDifferences.Should().Be(0, "{0}", run.Report);
    }
}
