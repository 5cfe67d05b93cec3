using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Operations;

/// <summary>
/// What can be done with nodes, with permissions and quotas applied. An operation that returns an error has changed nothing.
/// Source: fact sheet "Guest ABI", section 10.
/// </summary>
internal readonly struct StoreOperations(WorkingCopy copy, Caller caller, XenstoreQuotas quotas)
{
    /// <summary>What a permission entry beyond the owner's counts for in a node's size.</summary>
    private const int PermissionBytes = 8;

    public XenstoreError Read(StorePath path, out byte[] value)
    {
        var error = path.IsSpecial ? XenstoreError.EINVAL : Get(path, AccessRights.Read, NodeFacets.Value, out var node);
        value = error == XenstoreError.None ? copy.Tree.Find(path)!.Value : [];
        return error;
    }

    /// <summary>The children's names; <paramref name="node"/> also tells their total length and generation.</summary>
    public XenstoreError List(StorePath path, out StoreNode? node)
    {
        node = null;
        return path.IsSpecial ? XenstoreError.EINVAL : Get(path, AccessRights.Read, NodeFacets.Children, out node);
    }

    public XenstoreError GetPermissions(StorePath path, out NodePermissions? permissions)
    {
        var error = Get(path, AccessRights.Read, NodeFacets.Permissions, out var node);
        permissions = node?.Permissions;
        return error;
    }

    public XenstoreError Write(StorePath path, byte[] value)
    {
        if (path.IsSpecial)
            return XenstoreError.EINVAL;
        var error = Get(path, AccessRights.Write, NodeFacets.Value, out var node);
        if (error == XenstoreError.ENOENT)
            return Create(path, value);
        if (error != XenstoreError.None)
            return error;
        if (IsTooLarge(value.Length, node!.ChildNameBytes, node.Permissions))
            return XenstoreError.ENOSPC;
        copy.SetValue(path, value);
        return XenstoreError.None;
    }

    public XenstoreError MakeDirectory(StorePath path)
    {
        if (path.IsSpecial)
            return XenstoreError.EINVAL;
        var error = Get(path, AccessRights.Write, NodeFacets.None, out _);
        return error == XenstoreError.ENOENT ? Create(path, []) : error;
    }

    public XenstoreError Remove(StorePath path)
    {
        if (path.IsSpecial || path.IsRoot)
            return XenstoreError.EINVAL;
        var error = Get(path, AccessRights.Write, NodeFacets.Subtree, out _);
        if (error == XenstoreError.None)
            copy.Remove(path);
        if (error != XenstoreError.ENOENT)
            return error;
        copy.Observe(path.Parent, NodeFacets.Permissions);
        return copy.Tree.Find(path.Parent) is null ? XenstoreError.ENOENT : XenstoreError.None;
    }

    public XenstoreError SetPermissions(StorePath path, NodePermissions permissions)
    {
        var error = Get(path, AccessRights.Own, NodeFacets.Permissions, out var node);
        if (error != XenstoreError.None)
            return error;
        if (!caller.IsPrivileged && permissions.Owner != node!.Permissions.Owner)
            return XenstoreError.EPERM;
        if (IsTooLarge(node!.Value.Length, node.ChildNameBytes, permissions))
            return XenstoreError.ENOSPC;
        copy.SetPermissions(path, permissions);
        return XenstoreError.None;
    }

    /// <summary>
    /// The node, if the caller has these rights on it. If there is none, its nearest existing parent decides whether the caller may know that.
    /// </summary>
    private XenstoreError Get(StorePath path, AccessRights rights, NodeFacets facets, out StoreNode? node)
    {
        if (copy.IsTransaction && !caller.IsPrivileged && copy.Observed >= quotas.TransactionPaths)
        {
            node = null;
            return XenstoreError.ENOSPC;
        }

        copy.Observe(path, facets | NodeFacets.Permissions);
        node = copy.Tree.Find(path);
        if (node is not null)
            return Permit(ref node, rights, XenstoreError.None);
        if (path.IsSpecial)
            return caller.IsPrivileged ? XenstoreError.ENOENT : XenstoreError.EACCES;
        string[] parts = path.Parts();
        StoreNode? parent = copy.Tree.FindNearest(parts, out int existing);
        if (!caller.IsPrivileged)
        {
            // Were the next part to appear, its permissions would decide instead.
            copy.Observe(StorePath.FromParts(parts.AsSpan(0, existing)), NodeFacets.Permissions);
            copy.Observe(StorePath.FromParts(parts.AsSpan(0, existing + 1)), NodeFacets.Permissions);
        }

        return Permit(ref parent, rights, XenstoreError.ENOENT);
    }

    private XenstoreError Permit(ref StoreNode? node, AccessRights rights, XenstoreError permitted)
    {
        if (caller.May(rights, node!.Permissions))
            return permitted;
        node = null;
        return XenstoreError.EACCES;
    }

    // Parents that are missing are made too. All of them get the permissions of the lowest parent there was, and the caller as their owner.
    private XenstoreError Create(StorePath path, byte[] value)
    {
        string[] parts = path.Parts();
        var parent = copy.Tree.FindNearest(parts, out int existing);
        if (!caller.IsPrivileged && copy.Tree.CountOwnedBy(caller.Domain) + parts.Length - existing > quotas.Nodes)
            return XenstoreError.ENOSPC;
        var permissions = caller.IsPrivileged ? parent.Permissions : parent.Permissions.WithOwner(caller.Domain);
        int parentNames = parent.ChildNameBytes + parts[existing].Length + 1;
        if (IsTooLarge(value.Length, 0, permissions) || IsTooLarge(parent.Value.Length, parentNames, parent.Permissions))
            return XenstoreError.ENOSPC;
        copy.Create(path, parts, existing, value, permissions);
        return XenstoreError.None;
    }

    private bool IsTooLarge(int valueBytes, int nameBytes, NodePermissions permissions) =>
        !caller.IsPrivileged && valueBytes + nameBytes + PermissionBytes * (permissions.Entries.Length - 1) > quotas.NodeBytes;
}
