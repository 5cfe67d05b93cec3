namespace Hospes.Security.Acm.Policies;

/// <summary>What a policy says of itself.</summary>
/// <param name="Name">Its name, dots between parts.</param>
/// <param name="Version">Its version.</param>
internal sealed record PolicyHeader(string Name, PolicyVersion Version)
{
    /// <summary>When it was made, for people.</summary>
    public string? Date { get; init; }

    /// <summary>Where it is described.</summary>
    public string? Url { get; init; }

    /// <summary>Some identity.</summary>
    public string? Reference { get; init; }

    /// <summary>Of its names.</summary>
    public string? NameSpaceUrl { get; init; }

    /// <summary>The policy and version that this one takes the place of, or null.</summary>
    public (string Name, PolicyVersion Version)? From { get; init; }
}
