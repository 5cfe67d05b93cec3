namespace Hospes.Sdk.Security;

/// <summary>
/// Labels of resources, an optional ability of a security module. A label belongs to the object, not to its name: it goes along when a file is moved, and
/// something else in its place does not have it. What cannot be done throws <see cref="SecurityPolicyException"/>.
/// </summary>
public interface IResourceLabels
{
    /// <summary>All there are, the newest first; those that have moved under their present names as far as these are known.</summary>
    IReadOnlyList<LabelledResource> All { get; }

    /// <summary>The full name of a resource, and the path it stands for; null: none.</summary>
    (string Name, string? Path) Resolve(string resource);

    /// <summary>The label of a resource; null: it has none.</summary>
    LabelledResource? Find(string resource);

    /// <summary>Gives a resource a label.</summary>
    /// <returns>The path of the file in which labels are kept, if it had to be made; else null.</returns>
    string? Add(string resource, SecurityLabel label);

    /// <summary>Takes the label of a resource away.</summary>
    void Remove(string resource);
}
