using Hospes.Sdk.Security;

namespace Hospes.Security.Acm.Resources;

/// <summary>Names of resources in full (fact sheet "ACM", section 6): kind, colon, absolute path with links resolved; kinds without paths as they are.</summary>
internal static class ResourceName
{
    private const string Tap = "tap:";

    /// <summary>The full name, the path in it (null: the kind has none), and the name with links left as they are.</summary>
    /// <exception cref="SecurityPolicyException">It is no name of a resource.</exception>
    public static (string Name, string? Path, string Written) Resolve(string resource)
    {
        int colon = resource.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
            throw new SecurityPolicyException($"Resource spec '{resource}' contains no ':' delimiter");
        string kind = resource[..colon];
        string path = resource[(colon + 1)..];
        if (resource.StartsWith(Tap, StringComparison.Ordinal))
        {
            int second = resource.IndexOf(':', Tap.Length);
            if (second < 0)
                throw new SecurityPolicyException($"Resource spec '{resource}' contains no tap subtype");
            kind = resource[..second];
            path = resource[(second + 1)..];
        }

        if (path.Length == 0 || path.Any(char.IsControl) || path.Contains('\'', StringComparison.Ordinal))
            throw new SecurityPolicyException("Invalid resource.");
        if (kind is "vlan" or "pci" or "vtpm" or "vif")
            return (resource, null, resource);
        if (kind == "phy" && !path.StartsWith('/'))
            path = $"/dev/{path}";
        if (!path.StartsWith('/'))
            throw new SecurityPolicyException("Invalid resource.");
        string written = Path.GetFullPath(path);
        path = Libc.RealPath(path) ?? written; // what is not there has no links
        return ($"{kind}:{path}", path, $"{kind}:{written}");
    }
}
