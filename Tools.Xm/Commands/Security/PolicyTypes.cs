namespace Hospes.Xm.Commands.Security;

/// <summary>The two kinds of types that a label has.</summary>
internal enum PolicyTypes
{
    /// <summary>Simple Type Enforcement.</summary>
    Sharing,

    /// <summary>Chinese Wall.</summary>
    Wall,
}
