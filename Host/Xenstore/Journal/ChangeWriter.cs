using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Hospes.Host.Xenstore.Operations;
using Hospes.Host.Xenstore.Tree;

namespace Hospes.Host.Xenstore.Journal;

/// <summary>
/// Writes what a commit has changed as steps that <see cref="ChangeReader"/> repeats, all of a commit in one record. A step is a letter: <c>R</c>, path:
/// the node went, with all below it; <c>P</c>, path, permissions, value: the node is there and is this. Texts (Latin-1) and values have a u32 length before them.
/// </summary>
internal sealed class ChangeWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new();

    /// <summary>The record of one commit; valid until the next call. Empty: nothing has changed.</summary>
    public ReadOnlySpan<byte> Write(StoreTree before, StoreTree after, IEnumerable<(StorePath Path, ChangeKinds Kinds)> changes)
    {
        Begin();
        foreach ((StorePath path, ChangeKinds kinds) in changes)
        {
            bool removed = kinds.HasFlag(ChangeKinds.Removed);
            if (removed)
                Remove(path);
            if (after.Find(path) is not { } node)
                continue;
            if (removed || before.Find(path) is null)
                PutAll(path, node);
            else
                Put(path, node);
        }

        return End();
    }

    /// <summary>The record that makes an empty store into this one.</summary>
    public ReadOnlySpan<byte> Write(StoreTree tree)
    {
        Begin();
        PutAll(StorePath.Root, tree.Root);
        foreach ((StorePath path, StoreNode special) in tree.Specials)
            Put(path, special);
        return End();
    }

    private void Begin()
    {
        _buffer.ResetWrittenCount();
        _ = _buffer.GetSpan(JournalRecords.HeaderSize);
        _buffer.Advance(JournalRecords.HeaderSize);
    }

    private ReadOnlySpan<byte> End()
    {
        if (_buffer.WrittenCount == JournalRecords.HeaderSize)
            return [];
        byte[] record = _buffer.WrittenSpan.ToArray();
        JournalRecords.Seal(record);
        return record;
    }

    // Oldest first: the order of creation is the order in which children are listed.
    private void PutAll(StorePath path, StoreNode node)
    {
        Put(path, node);
        foreach (string name in node.ChildNames())
            PutAll(path.Child(name), node.Children[name]);
    }

    private void Put(StorePath path, StoreNode node)
    {
        Letter('P');
        Text(path.Text);
        Text(node.Permissions.ToString());
        Bytes(node.Value);
    }

    private void Remove(StorePath path)
    {
        Letter('R');
        Text(path.Text);
    }

    private void Letter(char letter)
    {
        _buffer.GetSpan(1)[0] = (byte)letter;
        _buffer.Advance(1);
    }

    private void Text(string text) => Bytes(Encoding.Latin1.GetBytes(text));

    private void Bytes(ReadOnlySpan<byte> bytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_buffer.GetSpan(sizeof(uint)), (uint)bytes.Length);
        _buffer.Advance(sizeof(uint));
        _buffer.Write(bytes);
    }
}
