using System.Collections;

namespace Hospes.Sxp;

/// <summary>A list. By Xen's habit the first element names it and the others are <c>(key value)</c> lists: <c>(vm (name demo) (memory 64))</c>.</summary>
public sealed class SxpList : SxpNode, IReadOnlyList<SxpNode>, IEquatable<SxpList>
{
    private readonly SxpNode[] _items;

    /// <summary>Makes a list of these elements, in this order.</summary>
    /// <remarks>A span, not a sequence: a list is a sequence itself, and one given alone has to become the only element.</remarks>
    public SxpList(params ReadOnlySpan<SxpNode> items)
    {
        _items = items.ToArray();
    }

    /// <inheritdoc/>
    public int Count => _items.Length;

    /// <summary>The name of the form: its first element if that is an atom, else the empty text.</summary>
    public string Name => _items.Length > 0 && _items[0] is SxpAtom head ? head.Text : "";

    /// <inheritdoc/>
    public override string Text => ToString();

    /// <inheritdoc/>
    public SxpNode this[int index] => _items[index];

    /// <summary>The first inner list of this name, or null.</summary>
    public SxpList? Child(string name) => Children(name).FirstOrDefault();

    /// <summary>All inner lists of this name, in order: a form may carry many, such as <c>(device ...)</c>.</summary>
    public IEnumerable<SxpList> Children(string name) =>
        _items.OfType<SxpList>().Where(list => string.Equals(list.Name, name, StringComparison.Ordinal));

    /// <summary>The value of <c>(name value)</c> inside this list, or null where there is none or it has no value.</summary>
    public SxpNode? Value(string name) => Child(name) is { Count: > 1 } child ? child[1] : null;

    /// <summary>The text of <see cref="Value"/>, or null.</summary>
    public string? ValueText(string name) => Value(name)?.Text;

    /// <summary>The attribute list <c>(@ (k v) ...)</c> that may stand second in a form, or null.</summary>
    public SxpList? Attributes => _items.Length > 1 && _items[1] is SxpList { Name: "@" } attributes ? attributes : null;

    /// <summary>A new list with more elements at its end.</summary>
    public SxpList With(params ReadOnlySpan<SxpNode> more) => new([.. _items, .. more]);

    /// <inheritdoc/>
    public IEnumerator<SxpNode> GetEnumerator() => ((IEnumerable<SxpNode>)_items).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(SxpList? other) => other is not null && _items.AsSpan().SequenceEqual(other._items);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SxpList);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        foreach (SxpNode item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }
}
