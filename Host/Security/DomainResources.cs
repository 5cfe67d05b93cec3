using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>What a domain has, and what it is about to have, as a change of policy has to look at it.</summary>
internal static class DomainResources
{
    /// <summary>The disks and interfaces of a domain.</summary>
    public static IEnumerable<SecurityUse> Of(ManagedDomain domain)
    {
        SecuritySubject subject = SecurityService.Subject(domain);
        foreach (DeviceConfiguration device in domain.Planned.Concat(domain.Devices.SelectMany(Configurations)).Distinct())
        {
            if (device.Class == "vif")
                yield return new SecurityUse(SecurityOperation.NetworkAttach, subject, new SecurityResource($"vif:{device.Name}", Label: SecurityForm.VifLabel(device.Form)));
            else if (device.Value("uname") is { Length: > 0 } name)
                yield return new SecurityUse(SecurityOperation.BlockAttach, subject, new SecurityResource(name));
        }
    }

    // What it is about to be first: it is that, by the time that it is not about to be any more.
    private static IEnumerable<DeviceConfiguration> Configurations(Device device) =>
        device.Wanted is { } wanted ? [wanted, device.Configuration] : [device.Configuration];
}
