namespace Hospes.Host.Startup.Configuration;

/// <summary>
/// One parameter of <c>xend-config.sxp</c>. The reader, the example file and the manual page are made of this and of nothing else.
/// </summary>
/// <param name="Name">Its key.</param>
/// <param name="Kind">What its value may be.</param>
/// <param name="Default">What it is when the file does not say; null: nothing.</param>
/// <param name="Help">What it does, for people.</param>
/// <param name="IsStored">Checked and kept, but nothing in this version uses it.</param>
internal sealed record XendParameter(string Name, XendParameterKind Kind, string? Default, string Help, bool IsStored = false)
{
    /// <summary>What the example shows; null: the default.</summary>
    public string? Example { get; init; }

    /// <summary>Nothing that shows what is configured shows its value.</summary>
    public bool IsSecret { get; init; }
}
