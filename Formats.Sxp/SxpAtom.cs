namespace Hospes.Sxp;

/// <summary>A word or a quoted string. The two are the same value: quotes only carry characters that a bare word cannot.</summary>
public sealed class SxpAtom : SxpNode, IEquatable<SxpAtom>
{
    /// <summary>Makes an atom of any text, the empty one included.</summary>
    public SxpAtom(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        Text = text;
    }

    /// <inheritdoc/>
    public override string Text { get; }

    /// <inheritdoc/>
    public bool Equals(SxpAtom? other) => other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as SxpAtom);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);
}
