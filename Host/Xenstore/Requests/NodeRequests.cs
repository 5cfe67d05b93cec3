using System.Globalization;
using System.Text;
using Hospes.Host.Xenstore.Tree;
using Hospes.Host.Xenstore.Wire;

namespace Hospes.Host.Xenstore.Requests;

/// <summary>Requests about nodes. Payloads: fact sheet "Guest ABI", section 10.</summary>
internal static class NodeRequests
{
    public static Reply Directory(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path))
            return XenstoreError.EINVAL;
        StoreNode? node = null;
        var error = context.Apply(store => store.List(path, out node));
        if (error != XenstoreError.None)
            return error;
        return node!.ChildNameBytes > MessageHeader.MaximumPayload ? XenstoreError.E2BIG : Reply.OfTexts(node.ChildNames());
    }

    /// <summary>
    /// A piece of a long list: the node's generation (so that the client sees whether pieces fit together), then whole names from a byte offset
    /// on, and an empty name after the last.
    /// </summary>
    public static Reply DirectoryPart(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path) || !payload.TryNumber(out uint offset))
            return XenstoreError.EINVAL;
        StoreNode? node = null;
        var error = context.Apply(store => store.List(path, out node));
        if (error != XenstoreError.None)
            return error;
        var part = new StringBuilder(node!.Generation.ToString(CultureInfo.InvariantCulture)).Append('\0');
        long position = 0;
        foreach (string name in node.ChildNames())
        {
            bool wanted = position >= offset;
            position += name.Length + 1;
            if (!wanted)
                continue;
            if (part.Length + name.Length + 2 > MessageHeader.MaximumPayload)
                return Reply.Of(Encoding.Latin1.GetBytes(part.ToString()));
            part.Append(name).Append('\0');
        }

        return Reply.OfText(part.ToString());
    }

    public static Reply Read(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path))
            return XenstoreError.EINVAL;
        byte[] value = [];
        var error = context.Apply(store => store.Read(path, out value));
        return error == XenstoreError.None ? Reply.Of(value) : error;
    }

    public static Reply Write(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path))
            return XenstoreError.EINVAL;
        byte[] value = payload.Rest.ToArray();
        return context.Apply(store => store.Write(path, value));
    }

    public static Reply MakeDirectory(RequestContext context, PayloadReader payload) =>
        TryPath(context, ref payload, out var path) ? context.Apply(store => store.MakeDirectory(path)) : XenstoreError.EINVAL;

    public static Reply Remove(RequestContext context, PayloadReader payload) =>
        TryPath(context, ref payload, out var path) ? context.Apply(store => store.Remove(path)) : XenstoreError.EINVAL;

    public static Reply GetPermissions(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path))
            return XenstoreError.EINVAL;
        NodePermissions? permissions = null;
        var error = context.Apply(store => store.GetPermissions(path, out permissions));
        return error == XenstoreError.None ? Reply.OfTexts(permissions!.Entries.Select(static e => e.ToString())) : error;
    }

    public static Reply SetPermissions(RequestContext context, PayloadReader payload)
    {
        if (!TryPath(context, ref payload, out var path))
            return XenstoreError.EINVAL;
        var entries = new List<PermissionEntry>();
        while (!payload.Rest.IsEmpty)
        {
            if (!payload.TryString(out string text) || !PermissionEntry.TryParse(text, out var entry))
                return XenstoreError.EINVAL;
            entries.Add(entry);
        }

        return entries.Count == 0
            ? XenstoreError.EINVAL
            : context.Apply(store => store.SetPermissions(path, NodePermissions.Of([.. entries])));
    }

    private static bool TryPath(RequestContext context, ref PayloadReader payload, out StorePath path)
    {
        path = default;
        return payload.TryString(out string text) && context.Session.TryPath(text, out path);
    }
}
