namespace Hospes.Engines.Tests;

/// <summary>Tests whose CPUs wait for each other have the host's CPUs to themselves, as far as this process goes.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ParallelCollection
{
    internal const string Name = "parallel CPUs";
}
