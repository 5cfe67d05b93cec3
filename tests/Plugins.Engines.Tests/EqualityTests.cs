using Hospes.Engines.Tests.Equality;
using Xunit.Abstractions;

namespace Hospes.Engines.Tests;

/// <summary>The fast operations of blocks against the complete handlers, on random straight-line code.</summary>
public sealed class EqualityTests(ITestOutputHelper output)
{
    private const int Blocks = 4000;

    [Theory]
    [InlineData(1)]
    [InlineData(20261)]
    [InlineData(77777)]
    public void Blocks_and_handlers_do_the_same(int seed)
    {
        using var pair = new EnginePair();
        var generator = new CodeGenerator(new Random(seed));
        int faults = 0;
        for (int i = 0; i < Blocks; i++)
        {
            string? difference = pair.Compare(generator.Next(), ref faults);
            difference.Should().BeNull($"seed {seed}, block {i}");
        }

        output.WriteLine($"seed {seed}: {Blocks} blocks, {faults} ended in a fault");
        faults.Should().BeInRange(Blocks / 50, Blocks, "faults in the middle of blocks are part of the test");
    }
}
