using System.Buffers.Binary;
using System.Text;
using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Journal;

/// <summary>Repeats what <see cref="ChangeWriter"/> has written.</summary>
internal static class ChangeReader
{
    /// <summary>The store after a record's steps; null: the record is whole, but no steps that could have been written after this state.</summary>
    public static StoreTree? Apply(StoreTree tree, ReadOnlySpan<byte> record, StampSource stamps)
    {
        while (!record.IsEmpty)
        {
            char step = (char)record[0];
            record = record[1..];
            if (!TryText(ref record, out string text) || !StorePath.TryParse(text, DomainId.Zero, out StorePath path, out bool relative) || relative)
                return null;
            StoreTree? next = step switch
            {
                'R' when !path.IsSpecial && !path.IsRoot => tree.Remove(path, stamps),
                'P' => Put(tree, path, ref record, stamps),
                _ => null,
            };
            if (next is null)
                return null;
            tree = next;
        }

        return tree;
    }

    private static StoreTree? Put(StoreTree tree, StorePath path, ref ReadOnlySpan<byte> record, StampSource stamps)
    {
        if (!TryText(ref record, out string words) || !TryPermissions(words, out NodePermissions? permissions) || !TryBytes(ref record, out ReadOnlySpan<byte> bytes))
            return null;
        byte[] value = bytes.ToArray();
        if (path.IsSpecial)
            return tree.Find(path) is null ? null : tree.SetPermissions(path, permissions!, stamps);
        if (tree.Find(path) is not null)
            return tree.SetValue(path, value, stamps).SetPermissions(path, permissions!, stamps);
        return tree.Find(path.Parent) is null ? null : tree.Attach(path, StoreNode.Create(value, permissions!, stamps.Next()), stamps);
    }

    private static bool TryText(ref ReadOnlySpan<byte> record, out string text)
    {
        bool isThere = TryBytes(ref record, out ReadOnlySpan<byte> bytes);
        text = Encoding.Latin1.GetString(bytes);
        return isThere;
    }

    private static bool TryBytes(ref ReadOnlySpan<byte> record, out ReadOnlySpan<byte> bytes)
    {
        bytes = [];
        if (record.Length < sizeof(uint))
            return false;
        uint length = BinaryPrimitives.ReadUInt32LittleEndian(record);
        record = record[sizeof(uint)..];
        if ((uint)record.Length < length)
            return false;
        bytes = record[..(int)length];
        record = record[(int)length..];
        return true;
    }

    private static bool TryPermissions(string words, out NodePermissions? permissions)
    {
        try
        {
            permissions = NodePermissions.Parse(words);
            return true;
        }
        catch (FormatException)
        {
            permissions = null;
            return false;
        }
    }
}
