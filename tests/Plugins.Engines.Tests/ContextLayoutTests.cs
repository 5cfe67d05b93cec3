using Hospes.Engines.Translator.Native;

namespace Hospes.Engines.Tests;

/// <summary>Where things are in a CPU's context, which itself begins at a cache line.</summary>
public sealed class ContextLayoutTests
{
    private const int VectorRegister = 16;

    [Fact]
    public void No_vector_register_lies_across_two_cache_lines() =>
        ((ContextOffsets.Vector(0) + ContextOffsets.Bias) % VectorRegister).Should().Be(0);
}
