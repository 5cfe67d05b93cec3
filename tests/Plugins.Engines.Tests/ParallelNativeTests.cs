namespace Hospes.Engines.Tests;

/// <summary><see cref="ParallelTests"/> with every block compiled before its first execution, where it can be.</summary>
[Collection(ParallelCollection.Name)]
public sealed class ParallelNativeTests() : ParallelTests(compileAfter: 0);
