namespace Hospes.Host.Xenstore.Tree;

/// <summary>
/// The parts of a node that a transaction can depend on separately. Two transactions that create different children of one node don't conflict;
/// one that listed the children and one that created another do.
/// </summary>
[Flags]
internal enum NodeFacets
{
    None = 0,

    /// <summary>The value, and whether the node exists.</summary>
    Value = 1,

    /// <summary>The permissions, and whether the node exists.</summary>
    Permissions = 2,

    /// <summary>The set of the children's names, and whether the node exists.</summary>
    Children = 4,

    /// <summary>Anything at or below the node.</summary>
    Subtree = 8,
}
