using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Resources;

namespace Hospes.Security.Acm;

/// <summary>Who may run, and who may have what, with the words of each refusal (fact sheet "ACM", sections 5 and 6).</summary>
public sealed partial class AcmModule
{
    private static AcmLabel? ResourceLabelOf(EnforcedPolicy enforced, SecurityLabel label)
    {
        if (label.Type != AcmPolicyType.Name || !PolicyName.Means(label.Policy, enforced.Policy.Name, enforced.Policy.Fingerprint))
            return null;
        int ssid = enforced.Policy.ResourceSsid(label.Name);
        return ssid == 0 ? null : enforced.Policy.Resources[ssid - enforced.Policy.Subjects.Count - 1];
    }

    private static string Describe(SecuritySubject subject) => $"domain {subject.Name} ({subject.Domain}) with {(subject.Label is { } label ? $"label {label}" : "no label")}";

    private SecurityDecision Count(SecurityDecision decision)
    {
        if (!decision.IsAllowed)
            Interlocked.Increment(ref _denied);
        return decision;
    }

    private string Describe(DomainId domain)
    {
        if (domain == DomainId.Zero)
            return $"Domain-0 with label {_active?.Policy.Bootstrap.Name}";
        lock (_gate)
            return _running.TryGetValue(domain, out SecuritySubject? subject) ? Describe(subject) : $"domain {domain}, which is not running";
    }

    private SecurityDecision MayRun(SecuritySubject domain, EnforcedPolicy? enforced, out AdmittedDomain? admitted)
    {
        admitted = null;
        if (enforced is null)
        {
            return _fault is { } fault ? Deny("hypervisor", $"The policy could not be loaded: {fault}")
                : domain.Label is null ? SecurityDecision.Allowed : Deny("hypervisor", "Security off, but domain labeled");
        }

        AcmPolicy policy = enforced.Policy;
        string about = $"policy {policy.Name}";
        if (domain.Label is not { } label)
            return Deny(about, "Domain not labeled");
        if (label.Type != AcmPolicyType.Name || !PolicyName.Means(label.Policy, policy.Name, policy.Fingerprint))
            return Deny(about, $"Security policy ({label.Policy}) incompatible with enforced policy ({policy.Name}{(label.Policy.Contains('@', StringComparison.Ordinal) ? $"@{policy.Fingerprint}" : "")}).");
        admitted = enforced.Look(domain);
        if (admitted.Label is not { } known)
            return Deny(about, $"Label '{label.Name}' not found.");
        if (!policy.Bootstrap.Types.Covers(known.Types))
            return Deny($"Domain-0 with label {policy.Bootstrap.Name}", "STE: VM is not authorized to run: Domain-0 does not have all of its types");
        if (enforced.Wall.Conflict(known) is { } type)
            return Deny(string.Join(", ", enforced.Holders(type)), $"CHWALL: CHINESE WALL CONFLICT in type {policy.WallTypes![type]}") with { IsConflict = true };
        return SecurityDecision.Allowed;

        SecurityDecision Deny(string what, string rule) => SecurityDecision.Denied(Describe(domain), what, rule);
    }

    private SecurityDecision MayUse(EnforcedPolicy? enforced, SecuritySubject subject, SecurityResource resource)
    {
        ResourceEntry? entry;
        try
        {
            if (enforced is null && _fault is null && !_labels.HasFile)
                return SecurityDecision.Allowed;
            entry = _labels.Find(resource.Name, resource.Handle);
        }
        catch (SecurityPolicyException refused)
        {
            // What has no name that a label could be given to has none.
            if (enforced is null && _fault is null && refused.Message.StartsWith("Invalid resource", StringComparison.Ordinal))
                return SecurityDecision.Allowed;
            return SecurityDecision.Denied(Describe(subject), $"resource {resource.Name}", refused.Message);
        }

        string about = $"resource {resource.Name} with {(entry is null ? "no label" : $"label {entry.Label}")}";
        if (enforced is null)
        {
            return entry is null && _fault is null ? SecurityDecision.Allowed
                : SecurityDecision.Denied(Describe(subject), about, _fault ?? $"Security is off, but '{resource.Name}' is labeled");
        }

        if (entry is null)
            return SecurityDecision.Denied(Describe(subject), about, $"Resource '{resource.Name}' is not labeled");
        int ssid = enforced.Look(subject).Ssid;
        int own = ResourceLabelOf(enforced, entry.Label) is null ? 0 : enforced.Policy.ResourceSsid(entry.Label.Name);
        return own != 0 && enforced.Sharing.MayShare(ssid, own)
            ? SecurityDecision.Allowed
            : SecurityDecision.Denied(Describe(subject), about, $"STE: Permission denied for resource '{resource.Name}' because label '{entry.Label.Name}' is not allowed");
    }

    /// <summary>An interface carries its own label, or that of its domain if that one has a single type: else nobody could tell whose its packets are.</summary>
    private static SecurityDecision MayConnect(EnforcedPolicy? enforced, SecuritySubject subject, SecurityResource resource)
    {
        if (enforced is null)
        {
            return resource.Label is null ? SecurityDecision.Allowed
                : SecurityDecision.Denied(Describe(subject), $"interface {resource.Name} with label {resource.Label}", "Security is off, but the interface is labeled");
        }

        AdmittedDomain domain = enforced.Look(subject);
        string about = $"interface {resource.Name} with {(resource.Label is null ? "no label of its own" : $"label {resource.Label}")}";
        if (resource.Label is not { } label)
            return domain.Label?.Types.Count <= 1 ? SecurityDecision.Allowed : SecurityDecision.Denied(Describe(subject), about, "'VIF' must be labeled");
        return ResourceLabelOf(enforced, label) is { } own && domain.Label?.Types.Intersects(own.Types) == true
            ? SecurityDecision.Allowed
            : SecurityDecision.Denied(Describe(subject), about, $"STE: label '{label.Name}' is not allowed");
    }
}
