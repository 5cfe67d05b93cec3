using Hospes.Host.Domains;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Sxp;

namespace Hospes.Host.Security;

/// <summary>
/// The check that <c>xm create</c> and <c>xm dry-run</c> make of a configuration (fact sheet "ACM", section 7). It tells a person what will be refused; what is refused
/// is decided again when the domain is made, on what is opened then.
/// </summary>
internal sealed class SecurityCheck(SecurityService security)
{
    // No domain has this number: the check is of a configuration, not of one that runs.
    private static readonly DomainId Nobody = new(DomainId.Self.Value);

    /// <summary>Checks a configuration.</summary>
    /// <exception cref="XendException">It is none.</exception>
    public CheckedDomain Run(string text)
    {
        VmConfiguration configuration = VmConfigurationReader.Read(text, needsFiles: false);
        SecurityLabel? label = SecurityForm.Label(configuration);
        if (security.Status is not { } status)
        {
            string? off = label is null ? null : "Security off, but domain labeled";
            return new CheckedDomain(configuration.Name, off is null, off, label?.Name, label?.Policy, null);
        }

        string? reason = Reason(status, label);
        SecuritySubject subject = new(Nobody, configuration.Name, label);
        IReadOnlyList<CheckedResource>? resources = reason is not null ? null
            : [.. configuration.Devices.Where(static device => device.Name is "vbd" or "tap").Select(device => Check(subject, device)).OfType<CheckedResource>()];
        return new CheckedDomain(configuration.Name, reason is null, reason, label?.Name, label?.Policy, resources);
    }

    private string? Reason(SecurityStatus status, SecurityLabel? label)
    {
        if (!status.IsEnforcing)
            return label is null ? null : "Security off, but domain labeled";
        if (status.Fault is { } fault)
            return $"The policy could not be loaded: {fault}";
        if (label is null)
            return "Domain not labeled";
        if (label.Policy.Split('@')[0] != status.Policy)
            return $"Security policy ({label.Policy}) incompatible with enforced policy ({status.Policy}).";
        return security.Module is not ISecurityPolicies policies || policies.Labels(null, SecurityLabelKind.Domain).Contains(label.Name, StringComparer.Ordinal)
            ? null
            : $"Label '{label.Name}' not found.";
    }

    private CheckedResource? Check(SecuritySubject subject, SxpList device)
    {
        if (device.ValueText("uname") is not { Length: > 0 } name)
            return null; // a drive without a medium
        SecurityDecision decision = security.Use(SecurityOperation.BlockAttach, subject, new SecurityResource(name));
        SecurityLabel? label = Label(name);
        return new CheckedResource(name, decision.IsAllowed, label?.Name, label?.Policy, decision.Rule);
    }

    private SecurityLabel? Label(string resource)
    {
        try
        {
            return (security.Module as IResourceLabels)?.Find(resource)?.Label;
        }
        catch (SecurityPolicyException)
        {
            return null; // the decision has said why
        }
    }
}
