namespace Hospes.Sdk.Security;

/// <summary>An answer. A denial says who, what, and by which rule.</summary>
/// <param name="IsAllowed">It may be done.</param>
/// <param name="Subject">Who wanted to, with label.</param>
/// <param name="Object">What it was about, with label.</param>
/// <param name="Rule">The rule that forbids it, for people.</param>
public readonly record struct SecurityDecision(bool IsAllowed, string? Subject, string? Object, string? Rule)
{
    /// <summary>It may be done.</summary>
    public static SecurityDecision Allowed => new(true, null, null, null);

    /// <summary>Two domains that exclude each other: the domain may run once another has gone.</summary>
    public bool IsConflict { get; init; }

    /// <summary>It may not.</summary>
    public static SecurityDecision Denied(string subject, string @object, string rule) => new(false, subject, @object, rule);
}
