using Hospes.Sdk;

namespace Hospes.Host.Devices.Block;

/// <summary>
/// Which domain uses which files and devices, and whether another may (fact sheet "Storage", section 6). Reads stand beside reads; a write stands
/// alone; w! asks nobody. Who holds w! still keeps others from reading: what they read would change under them.
/// </summary>
internal sealed class BlockClaims
{
    private readonly Lock _lock = new();
    private readonly List<BlockClaim> _claims = [];

    /// <summary>Makes claims, all or none.</summary>
    /// <exception cref="XendException">Another domain's disk stands in the way.</exception>
    public void Add(IReadOnlyList<(BlockClaim Claim, string Path)> wanted)
    {
        lock (_lock)
        {
            foreach ((BlockClaim claim, string path) in wanted)
            {
                if (_claims.Exists(other => Conflicts(claim, other)))
                    throw Busy(path, claim.Mode, "in a guest domain,", "now.");
            }

            _claims.AddRange(wanted.Select(static pair => pair.Claim));
        }
    }

    /// <summary>Makes claims that were made before this Host came.</summary>
    public void Restore(IEnumerable<BlockClaim> claims)
    {
        lock (_lock)
            _claims.AddRange(claims);
    }

    /// <summary>The domain that uses a file or device; null: none does.</summary>
    public DomainId? Holder(string identity)
    {
        lock (_lock)
            return _claims.Find(claim => claim.Identity == identity)?.Domain;
    }

    /// <summary>Gives claims back.</summary>
    public void Remove(IEnumerable<BlockClaim> claims)
    {
        lock (_lock)
        {
            foreach (BlockClaim claim in claims)
                _claims.Remove(claim);
        }
    }

    /// <summary>The refusal in the words of the block script.</summary>
    public static XendException Busy(string path, DiskMode wanted, string where, string end)
    {
        bool reads = wanted == DiskMode.Read;
        return XendException.Generic(
            $"\nDevice {path} is mounted {(reads ? "read-write " : "")}{where}\nand so cannot be mounted {(reads ? "read-only " : "")}{end}");
    }

    private static bool Conflicts(BlockClaim wanted, BlockClaim other) =>
        wanted.Identity == other.Identity && wanted.Uuid != other.Uuid && wanted.Mode != DiskMode.Force
        && (wanted.Mode == DiskMode.Write || other.Mode != DiskMode.Read);
}
