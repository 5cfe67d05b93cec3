namespace Hospes.Sdk.Security;

/// <summary>What was asked of a policy cannot be done; the message says why and is for the person who asked. Nothing has changed.</summary>
public sealed class SecurityPolicyException : Exception
{
    /// <summary>With the words for the person who asked.</summary>
    public SecurityPolicyException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    /// <summary>What the running state has against a new policy: pairs of a code and what it is about, as Xen numbers them; empty: nothing of the kind.</summary>
    public IReadOnlyList<(uint Code, uint About)> Violations { get; init; } = [];
}
