namespace Hospes.Host.Xenstore.Operations;

/// <summary>What happened to one path, as far as watchers and a commit must know.</summary>
[Flags]
internal enum ChangeKinds
{
    None = 0,

    /// <summary>The node was given a value, or made.</summary>
    Value = 1,

    /// <summary>The node was given permissions, or made.</summary>
    Permissions = 2,

    /// <summary>The node went, with everything below it; it may have been made again since.</summary>
    Removed = 4,

    /// <summary>A request named this path. A parent made on the way lacks it: watchers hear of the path that was asked for.</summary>
    Named = 8,
}
