namespace Hospes.Bench;

/// <summary>Something that a measure needs is missing or has failed; the message is for the person who runs it.</summary>
internal sealed class BenchException(string message) : Exception(message);
