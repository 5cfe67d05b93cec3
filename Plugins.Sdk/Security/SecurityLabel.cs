namespace Hospes.Sdk.Security;

/// <summary>A label: what a policy of a type calls a set of rights. Written <c>ACM:example.client_v1:blue</c>.</summary>
/// <param name="Type">The kind of policy: ACM.</param>
/// <param name="Policy">The policy's name, as it was written; may carry a fingerprint, <c>NAME@HEX</c>.</param>
/// <param name="Name">The label's name in it.</param>
public sealed record SecurityLabel(string Type, string Policy, string Name)
{
    /// <summary>Reads <c>TYPE:POLICY:LABEL</c>; null: it is not of that form.</summary>
    public static SecurityLabel? Parse(string text) =>
        text.Split(':') is [{ Length: > 0 } type, { Length: > 0 } policy, { Length: > 0 } name] ? new SecurityLabel(type, policy, name) : null;

    /// <inheritdoc/>
    public override string ToString() => $"{Type}:{Policy}:{Name}";
}
