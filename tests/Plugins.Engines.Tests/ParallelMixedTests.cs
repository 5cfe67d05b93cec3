namespace Hospes.Engines.Tests;

/// <summary><see cref="ParallelTests"/> with blocks interpreted first and compiled when they are hot, as guests run.</summary>
[Collection(ParallelCollection.Name)]
public sealed class ParallelMixedTests() : ParallelTests(compileAfter: 8);
