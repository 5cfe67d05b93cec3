namespace Hospes.Xm.Configuration;

/// <summary>What values a variable takes.</summary>
internal enum VariableKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A string that is often written as a number, such as a display.</summary>
    TextOrNumber,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>0 or 1; on the command line also y, yes, n, no.</summary>
    Flag,

    /// <summary>A list of strings; each setting on the command line adds one.</summary>
    TextList,
}
