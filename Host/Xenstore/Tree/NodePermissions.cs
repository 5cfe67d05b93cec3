using System.Collections.Immutable;
using Hospes.Sdk;

namespace Hospes.Host.Xenstore.Tree;

/// <summary>
/// Who may do what with a node: the first entry names the owner (who may do everything) and what everybody else may do; each further entry
/// overrides that for one domain. Written <c>n0,r3</c>: dom0 owns it, domain 3 reads it, others nothing.
/// </summary>
public sealed class NodePermissions
{
    private NodePermissions(ImmutableArray<PermissionEntry> entries) => Entries = entries;

    /// <summary>The entries in wire order; at least one.</summary>
    public ImmutableArray<PermissionEntry> Entries { get; }

    /// <summary>Who owns the node.</summary>
    public DomainId Owner => Entries[0].Domain;

    /// <summary>Permissions from entries, the owner's first.</summary>
    /// <exception cref="ArgumentException">There is no entry.</exception>
    public static NodePermissions Of(params ReadOnlySpan<PermissionEntry> entries) => entries.IsEmpty
        ? throw new ArgumentException("a node's permissions need at least the owner's entry", nameof(entries))
        : new([.. entries]);

    /// <summary>A node of <paramref name="owner"/> that nobody else sees.</summary>
    public static NodePermissions OwnedBy(DomainId owner) => new([new(AccessRights.None, owner)]);

    /// <summary>Reads entries parted by commas: <c>n0,r3</c>.</summary>
    /// <exception cref="FormatException">An entry is not a letter of n, r, w, b and a domain number.</exception>
    public static NodePermissions Parse(string text)
    {
        var entries = ImmutableArray.CreateBuilder<PermissionEntry>();
        foreach (string part in text.Split(','))
        {
            entries.Add(PermissionEntry.TryParse(part, out var entry)
                ? entry
                : throw new FormatException($"'{part}' is no xenstore permission; write n, r, w or b and a domain number, like r3"));
        }

        return new(entries.ToImmutable());
    }

    /// <summary>Entries parted by commas.</summary>
    public override string ToString() => string.Join(',', Entries);

    /// <summary>These permissions with another owner, as a node has them that <paramref name="owner"/> creates below this one.</summary>
    internal NodePermissions WithOwner(DomainId owner) =>
        owner == Owner ? this : new(Entries.SetItem(0, Entries[0] with { Domain = owner }));

    /// <summary>What an entry of its own grants to <paramref name="domain"/>; null if there is none and the default holds.</summary>
    internal AccessRights? GrantedTo(DomainId domain)
    {
        foreach (var entry in Entries.AsSpan()[1..])
        {
            if (entry.Domain == domain)
                return entry.Rights;
        }

        return null;
    }
}
