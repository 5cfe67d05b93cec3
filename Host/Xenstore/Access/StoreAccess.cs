using System.Text;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Access;

/// <summary>
/// Reading and changing the store from within the Host, as dom0. Paths are absolute. Values are bytes; the text forms are UTF-8.
/// </summary>
/// <exception cref="XenstoreException">Thrown by all members whose request the store refuses.</exception>
public abstract class StoreAccess
{
    private protected StoreAccess()
    {
    }

    /// <summary>The value of a node, or null if there is no such node.</summary>
    public string? Read(string path) => ReadBytes(path) is { } value ? Encoding.UTF8.GetString(value) : null;

    /// <summary>The value of a node that must exist.</summary>
    public string ReadRequired(string path) => Read(path) ?? throw new XenstoreException(XenstoreError.ENOENT, "read", path);

    /// <summary>The value of a node, or null if there is no such node.</summary>
    public byte[]? ReadBytes(string path)
    {
        byte[] value = [];
        return Found("read", path, (store, at) => store.Read(at, out value)) ? [.. value] : null;
    }

    /// <summary>True if there is such a node.</summary>
    public bool Exists(string path) => Found("read", path, static (store, at) => store.Read(at, out _));

    /// <summary>The names of a node's children, oldest first; empty if there is no such node.</summary>
    public IReadOnlyList<string> List(string path)
    {
        StoreNode? node = null;
        return Found("list", path, (store, at) => store.List(at, out node)) ? [.. node!.ChildNames()] : [];
    }

    /// <summary>Gives a node a value; makes it, and the nodes above it, if missing.</summary>
    public void Write(string path, string value) => Write(path, Encoding.UTF8.GetBytes(value));

    /// <inheritdoc cref="Write(string, string)"/>
    public void Write(string path, ReadOnlySpan<byte> value)
    {
        byte[] bytes = value.ToArray();

        // More could be stored but never read over the wire.
        Do("write", path, (store, at) => bytes.Length > MessageHeader.MaximumPayload ? XenstoreError.E2BIG : store.Write(at, bytes));
    }

    /// <summary>Makes sure that a node exists.</summary>
    public void MakeDirectory(string path) => Do("make", path, static (store, at) => store.MakeDirectory(at));

    /// <summary>Makes sure that a node doesn't exist, nor anything below it.</summary>
    public void Remove(string path) => Found("remove", path, static (store, at) => store.Remove(at));

    /// <summary>A node's permissions, or null if there is no such node. Also for <c>@introduceDomain</c> and <c>@releaseDomain</c>.</summary>
    public NodePermissions? GetPermissions(string path)
    {
        NodePermissions? permissions = null;
        return Found("read the permissions of", path, (store, at) => store.GetPermissions(at, out permissions)) ? permissions : null;
    }

    /// <summary>Gives a node permissions; nodes below keep theirs, and ones made later below it inherit these.</summary>
    public void SetPermissions(string path, NodePermissions permissions) =>
        Do("set the permissions of", path, (store, at) => store.SetPermissions(at, permissions));

    private protected abstract XenstoreError Apply(Func<StoreOperations, XenstoreError> work);

    private void Do(string action, string path, Func<StoreOperations, StorePath, XenstoreError> work)
    {
        var error = Try(path, work);
        if (error != XenstoreError.None)
            throw new XenstoreException(error, action, path);
    }

    private bool Found(string action, string path, Func<StoreOperations, StorePath, XenstoreError> work)
    {
        var error = Try(path, work);
        return error switch
        {
            XenstoreError.None => true,
            XenstoreError.ENOENT => false,
            _ => throw new XenstoreException(error, action, path),
        };
    }

    private XenstoreError Try(string path, Func<StoreOperations, StorePath, XenstoreError> work) =>
        StorePath.TryParse(path, DomainId.Zero, out var at, out bool relative) && !relative ? Apply(store => work(store, at)) : XenstoreError.EINVAL;
}
