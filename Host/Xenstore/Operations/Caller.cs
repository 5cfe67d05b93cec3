using Hospes.Host.Xenstore.Tree;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Operations;

/// <summary>Who asks.</summary>
/// <param name="Domain">The domain at the other end; dom0 for sockets and in-process users.</param>
/// <param name="Target">The domain it serves as a device model and may act for (SET_TARGET).</param>
/// <param name="ReadOnly">It came over <c>socket_ro</c>.</param>
internal readonly record struct Caller(DomainId Domain, DomainId? Target = null, bool ReadOnly = false)
{
    /// <summary>Whether the caller's domain may get at nodes of another at all, before their permissions are looked at; null: nobody is asked.</summary>
    public Func<DomainId, bool>? MayReach { get; init; }

    /// <summary>Dom0: no permission stops it and no quota binds it.</summary>
    public bool IsPrivileged => Domain == DomainId.Zero;

    public bool May(AccessRights wanted, NodePermissions permissions) => (RightsOn(permissions) & wanted) == wanted;

    private AccessRights RightsOn(NodePermissions permissions)
    {
        const AccessRights All = AccessRights.ReadWrite | AccessRights.Own;
        if (IsPrivileged || permissions.Owner == Domain || permissions.Owner == Target)
            return All;
        var own = permissions.GrantedTo(Domain);
        var targets = Target is { } target ? permissions.GrantedTo(target) : null;
        AccessRights rights = own is null && targets is null
            ? permissions.Entries[0].Rights
            : own.GetValueOrDefault() | targets.GetValueOrDefault();

        // Only where the owner's permissions would let the caller in is there anything to mediate.
        return rights == AccessRights.None || permissions.Owner == DomainId.Zero || MayReach is not { } may || may(permissions.Owner) ? rights : AccessRights.None;
    }
}
