namespace Hospes.Sdk.Security;

/// <summary>What was asked of a policy cannot be done; the message says why and is for the person who asked. Nothing has changed.</summary>
public sealed class SecurityPolicyException : Exception
{
    /// <summary>With the words for the person who asked.</summary>
    public SecurityPolicyException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>What kind of refusal it is, in the words that the policy's own tools have for it; null: the message says it.</summary>
    public string? Kind { get; init; }

    /// <summary>What the running state has against a new policy: pairs of a code and what it is about, as Xen numbers them; empty: nothing of the kind.</summary>
    public IReadOnlyList<(uint Code, uint About)> Violations { get; init; } = [];
}
