namespace Hospes.Differential;

/// <summary>Tests that catch faults of foreign instructions: one at a time, because signal handlers belong to the whole process.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class HostProcessorCollection
{
    internal const string Name = "host processor";
}
