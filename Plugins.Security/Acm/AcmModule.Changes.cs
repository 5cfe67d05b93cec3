using Hospes.Sdk.Security;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm;

/// <summary>How another policy comes into force: what runs is counted under it first (fact sheet "ACM", sections 5.3 and 5.4).</summary>
public sealed partial class AcmModule
{
    // What Xen's hypervisor numbers a change's obstacles by (fact sheet, section 5.4).
    private const uint ResourceViolation = 0x101;
    private const uint LookupViolation = 0x102;
    private const uint WallViolation = 0x103;

    private void RequireSameName(string name, string asWritten)
    {
        if (_active is { } present && present.Policy.Name != name)
            throw new SecurityPolicyException($"Active policy '{present.Policy.Name}' incompatible with new policy '{asWritten}'");
    }

    /// <summary>Puts a policy in force that has been checked. The gate is held.</summary>
    private void Enforce(AcmPolicy policy, EnforcedPolicy next)
    {
        ActivePolicy active = new(policy, SourceOf(policy), _managed.Write(policy.Name));
        _labels.Review(policy.Name, label => policy.ResourceSsid(label) != 0);
        _activeFile.Write(active);
        _active = active;
        _enforced = next;
        _fault = null;
        _environment.Say($"Activating policy {policy.Name}");
    }

    /// <summary>A policy with all that runs counted under it, if that conforms.</summary>
    private EnforcedPolicy Check(AcmPolicy policy, IReadOnlyList<SecurityUse> uses)
    {
        EnforcedPolicy next = new(policy);
        List<string> objections = [];
        List<(uint Code, uint About)> violations = [];
        foreach (SecuritySubject subject in _running.Values.OrderBy(static subject => subject.Domain.Value))
        {
            SecurityDecision decision = MayRun(subject, next, out AdmittedDomain? domain);
            if (decision.IsAllowed)
            {
                next.Enter(domain!);
                continue;
            }

            objections.Add($"{decision.Subject}: {decision.Rule}");
            violations.Add((decision.IsConflict ? WallViolation : LookupViolation, subject.Domain.Value));
        }

        foreach (SecurityUse use in uses)
        {
            SecurityDecision decision = use.Operation == SecurityOperation.NetworkAttach ? MayConnect(next, use.Subject, use.Resource) : MayUse(next, use.Subject, use.Resource);
            if (decision.IsAllowed)
                continue;
            objections.Add($"{decision.Subject}: {decision.Rule}");
            violations.Add((ResourceViolation, use.Subject.Domain.Value));
        }

        return objections.Count == 0
            ? next
            : throw new SecurityPolicyException($"New policy conflicts with running domains. Policy load aborted.\n{string.Join('\n', objections)}") { Kind = AcmRefusal.Hypervisor, Violations = violations };
    }
}
