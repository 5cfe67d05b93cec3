namespace Hospes.Engines.Tests;

/// <summary><see cref="ParallelTests"/> with every block interpreted.</summary>
[Collection(ParallelCollection.Name)]
public sealed class ParallelInterpreterTests() : ParallelTests(compileAfter: int.MaxValue);
