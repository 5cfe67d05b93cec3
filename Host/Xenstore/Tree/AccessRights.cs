namespace Hospes.Host.Xenstore.Tree;

/// <summary>What a client may do with a node.</summary>
[Flags]
public enum AccessRights
{
    /// <summary>Nothing (<c>n</c>).</summary>
    None = 0,

    /// <summary>Read its value and list its children (<c>r</c>).</summary>
    Read = 1,

    /// <summary>Change its value, create children, remove it (<c>w</c>).</summary>
    Write = 2,

    /// <summary>Both (<c>b</c>).</summary>
    ReadWrite = Read | Write,

    /// <summary>Change its permissions; an owner's right, never granted in an entry.</summary>
    Own = 4,
}
