using Hospes.Host.Domains;

namespace Hospes.Host.Managed;

/// <summary>A managed domain: known to xend whether it runs or not.</summary>
/// <param name="Configuration">What it is when it starts next.</param>
internal sealed record KeptDomain(VmConfiguration Configuration)
{
    /// <summary>Its identity.</summary>
    public Guid Uuid => Configuration.Uuid;

    /// <summary>Its name.</summary>
    public string Name => Configuration.Name;
}
