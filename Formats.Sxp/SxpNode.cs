namespace Hospes.Sxp;

/// <summary>One value of an S-expression: an atom or a list (fact sheet "Domain configuration", section 7).</summary>
public abstract class SxpNode
{
    private protected SxpNode()
    {
    }

    /// <summary>The text of an atom; a list where a value is expected reads as its one-line form.</summary>
    public abstract string Text { get; }

    /// <summary>The one-line form, which <see cref="SxpParser"/> reads back as an equal value.</summary>
    public override string ToString() => SxpPrinter.OneLine(this);

    /// <summary>A text becomes an atom, so that forms can be written down plainly.</summary>
    public static implicit operator SxpNode(string text) => new SxpAtom(text);

    /// <summary>A whole number becomes an atom.</summary>
    public static implicit operator SxpNode(long number) => new SxpAtom(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
