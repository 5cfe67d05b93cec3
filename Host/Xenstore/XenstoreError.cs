namespace Hospes.Host.Xenstore;

/// <summary>
/// Why the store refused a request. On the wire the name itself travels (fact sheet "Guest ABI", section 10), so members are named exactly as the
/// protocol spells them.
/// </summary>
public enum XenstoreError
{
    /// <summary>No error; never sent.</summary>
    None,

    /// <summary>The request is malformed: no such path can exist, a string lacks its NUL, a number is none.</summary>
    EINVAL,

    /// <summary>The caller's permissions on the node (or on its nearest existing parent) don't allow this.</summary>
    EACCES,

    /// <summary>The very same watch is registered already.</summary>
    EEXIST,

    /// <summary>Part of the protocol, never sent by this server: its nodes are values and directories at once.</summary>
    EISDIR,

    /// <summary>No such node, watch, transaction or domain.</summary>
    ENOENT,

    /// <summary>Part of the protocol, never sent by this server.</summary>
    ENOMEM,

    /// <summary>A quota is used up.</summary>
    ENOSPC,

    /// <summary>The server itself is at fault; the request had no effect.</summary>
    EIO,

    /// <summary>Part of the protocol, never sent by this server: a removal takes everything below along.</summary>
    ENOTEMPTY,

    /// <summary>No such request type.</summary>
    ENOSYS,

    /// <summary>The request would change something and came over the read-only socket.</summary>
    EROFS,

    /// <summary>A transaction was started inside a transaction.</summary>
    EBUSY,

    /// <summary>The transaction conflicts with what others did meanwhile; do it again.</summary>
    EAGAIN,

    /// <summary>Part of the protocol, never sent by this server: introducing a domain twice is harmless.</summary>
    EISCONN,

    /// <summary>The answer doesn't fit a message, the message is too long, or the caller has too many watches.</summary>
    E2BIG,

    /// <summary>Only a privileged client may give a node another owner.</summary>
    EPERM,
}
