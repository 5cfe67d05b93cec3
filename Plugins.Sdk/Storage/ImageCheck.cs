namespace Hospes.Sdk.Storage;

/// <summary>What a look for damage has found.</summary>
/// <param name="Errors">What would read wrong or be overwritten, a sentence each.</param>
/// <param name="Leaks">Room that is taken and used by nothing, clusters.</param>
/// <param name="Repaired">How much of both was mended.</param>
public sealed record ImageCheck(IReadOnlyList<string> Errors, long Leaks, int Repaired)
{
    /// <summary>Nothing is wrong.</summary>
    public static readonly ImageCheck Clean = new([], 0, 0);
}
