using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Resources;

namespace Hospes.Security.Acm;

/// <summary>Labels of resources (fact sheet "ACM", sections 6 and 8, for the words).</summary>
public sealed partial class AcmModule
{
    /// <inheritdoc/>
    IReadOnlyList<LabelledResource> IResourceLabels.All => _labels.HasFile
        ? [.. _labels.All.Select(static entry => new LabelledResource(entry.Name, entry.Label))]
        : throw new SecurityPolicyException("Resource file not found");

    /// <inheritdoc/>
    (string Name, string? Path) IResourceLabels.Resolve(string resource)
    {
        (string name, string? path, _) = ResourceName.Resolve(resource);
        return (name, path);
    }

    /// <inheritdoc/>
    LabelledResource? IResourceLabels.Find(string resource) => _labels.Find(resource) is { } entry ? new LabelledResource(entry.Name, entry.Label) : null;

    /// <inheritdoc/>
    string? IResourceLabels.Add(string resource, SecurityLabel label)
    {
        if (label.Type != AcmPolicyType.Name)
            throw new SecurityPolicyException($"Policy type '{label.Type}' is not '{AcmPolicyType.Name}'");
        lock (_gate)
        {
            AcmPolicy policy = Known(label.Policy);
            return policy.ResourceSsid(label.Name) != 0
                ? _labels.Add(resource, label)
                : throw new SecurityPolicyException($"Label '{label.Name}' not found.");
        }
    }

    /// <inheritdoc/>
    void IResourceLabels.Remove(string resource) => _labels.Remove(resource);
}
