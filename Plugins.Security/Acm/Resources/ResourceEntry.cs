using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Resources;

/// <summary>A labelled resource.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Label">Its label. The type <see cref="Invalid"/> says that a later policy does not know it.</param>
/// <param name="Identity">The object that the label belongs to; null: it has not been seen yet, or the kind has none.</param>
internal sealed record ResourceEntry(string Name, SecurityLabel Label, ObjectIdentity? Identity)
{
    /// <summary>The type of labels that an update of the policy has taken away.</summary>
    public const string Invalid = "INV_ACM";
}
