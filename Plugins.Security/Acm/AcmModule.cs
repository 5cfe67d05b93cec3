using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Security.Acm.Binary;
using Hospes.Security.Acm.Boot;
using Hospes.Security.Acm.Enforcement;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Resources;

namespace Hospes.Security.Acm;

/// <summary>
/// sHype's access control module: Chinese Wall for who runs beside whom, Simple Type Enforcement for who shares with whom (fact sheet "ACM", section 5). While no
/// policy is in force it permits what has no label. If the boot entry names a policy that cannot be loaded, nothing may start.
/// Lock order: this object's gate, then the labels'.
/// </summary>
[SecurityModule("acm")]
public sealed partial class AcmModule : ISecurityModule, ISecurityPolicies, IResourceLabels
{
    private readonly Lock _gate = new();
    private readonly Dictionary<DomainId, SecuritySubject> _running = [];
    private SecurityEnvironment _environment = null!;
    private PolicyFiles _files = null!;
    private ActivePolicyFile _activeFile = null!;
    private BootEntries _boot = null!;
    private ResourceLabels _labels = null!;
    private ManagedPolicy _managed = null!;
    private volatile EnforcedPolicy? _enforced;
    private volatile ActivePolicy? _active;
    private volatile string? _fault;
    private long _denied;

    /// <inheritdoc/>
    public SecurityStatus Status
    {
        get
        {
            ActivePolicy? active = _active;
            SharingRules? sharing = _enforced?.Sharing;
            return new SecurityStatus
            {
                Type = AcmPolicyType.Name,
                Policy = active?.Policy.Name ?? AcmPolicyType.Default,
                IsEnforcing = active is not null || _fault is not null,
                Version = active?.Policy.Header.Version.ToString() ?? "",
                Reference = active?.Reference ?? Readable(() => _managed.Read()?.Reference),
                Fingerprint = active?.Policy.Fingerprint ?? "",
                IsBootPolicy = active is not null && Readable(() => _boot.Policy()?.Name) == active.Policy.Name,
                HostLabel = active?.Policy.Bootstrap.Name,
                Fault = _fault,
                Counters = new Dictionary<string, long>(StringComparer.Ordinal)
                {
                    ["ste: eval_count"] = sharing?.Asked ?? 0,
                    ["ste: cachehit_count"] = sharing?.Remembered ?? 0,
                    ["denied_count"] = Interlocked.Read(ref _denied),
                },
            };
        }
    }

    /// <inheritdoc/>
    public void Start(SecurityEnvironment environment)
    {
        _environment = environment;
        _files = new PolicyFiles(environment.ConfigurationDirectory);
        _activeFile = new ActivePolicyFile(environment);
        _boot = new BootEntries(environment.BootDirectory);
        _managed = new ManagedPolicy(_files.Root);
        _labels = new ResourceLabels(new ResourceFile(_files.Root, environment.StateDirectory));
        try
        {
            _files.PlaceSchema();
            if (!_activeFile.TryRead(out ActivePolicy? active))
                active = BootPolicy();
            if (active is null)
            {
                _ = _managed.Read(); // what cannot be read is not the same as none
                return;
            }

            _active = active;
            _enforced = new EnforcedPolicy(active.Policy);
            environment.Say($"Activating policy {active.Policy.Name}");
        }
        catch (SecurityPolicyException broken)
        {
            _fault = broken.Message;
            environment.Say($"Invalid policy. {broken.Message} No domain will be started.");
        }
    }

    /// <inheritdoc/>
    public SecurityDecision Admit(SecuritySubject domain, SecurityOperation operation)
    {
        lock (_gate)
        {
            SecurityDecision decision = MayRun(domain, _enforced, out AdmittedDomain? admitted);
            if (!decision.IsAllowed)
                return Count(decision);
            _running[domain.Domain] = domain;
            if (admitted is not null)
                _enforced!.Enter(admitted);
            return decision;
        }
    }

    /// <inheritdoc/>
    public void Recall(SecuritySubject domain)
    {
        lock (_gate)
        {
            _running[domain.Domain] = domain;
            _enforced?.Enter(_enforced.Look(domain));
        }
    }

    /// <inheritdoc/>
    public void Dismiss(DomainId domain)
    {
        lock (_gate)
        {
            _running.Remove(domain);
            _enforced?.Leave(domain);
        }
    }

    /// <inheritdoc/>
    public SecurityDecision MayShare(SecurityOperation operation, DomainId subject, DomainId other)
    {
        EnforcedPolicy? enforced = _enforced;
        if (enforced is null ? _fault is null : enforced.Sharing.MayShare(enforced.SsidOf(subject), enforced.SsidOf(other)))
            return SecurityDecision.Allowed;
        return Count(SecurityDecision.Denied(Describe(subject), Describe(other), "STE: no type in common"));
    }

    /// <inheritdoc/>
    public SecurityDecision MayUse(SecurityOperation operation, SecuritySubject subject, SecurityResource resource) =>
        Count(operation == SecurityOperation.NetworkAttach ? MayConnect(_enforced, subject, resource) : MayUse(_enforced, subject, resource));

    /// <inheritdoc/>
    public TrafficClass? Traffic(SecuritySubject domain, SecurityLabel? label)
    {
        if (_enforced is not { } enforced)
            return null;
        AcmLabel? own = label is null ? enforced.Look(domain).Label : ResourceLabelOf(enforced, label);
        return own is null ? new TrafficClass(NoClass, false, static _ => false) : enforced.Classes.Of(own);
    }

    // Above all ssids: nobody permits it.
    private const int NoClass = PolicyLimits.Labels + 1;

    private static AcmLabel? ResourceLabelOf(EnforcedPolicy enforced, SecurityLabel label)
    {
        if (label.Type != AcmPolicyType.Name || !PolicyName.Means(label.Policy, enforced.Policy.Name, enforced.Policy.Fingerprint))
            return null;
        int ssid = enforced.Policy.ResourceSsid(label.Name);
        return ssid == 0 ? null : enforced.Policy.Resources[ssid - enforced.Policy.Subjects.Count - 1];
    }

    private static string Describe(SecuritySubject subject) => $"domain {subject.Name} ({subject.Domain}) with {(subject.Label is { } label ? $"label {label}" : "no label")}";

    // A file that cannot be read has stopped all at the start, or is told to who asks for what it says.
    private static T? Readable<T>(Func<T?> look)
    {
        try
        {
            return look();
        }
        catch (SecurityPolicyException)
        {
            return default;
        }
    }

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

    private ActivePolicy? BootPolicy()
    {
        BootParameter? wanted = _environment.BootParameter is { } text ? BootParameter.Parse(text) : null;
        if (_boot.Policy() is not { } entry)
        {
            return wanted is null ? null : throw new SecurityPolicyException($"ssidref names policy '{wanted.Policy}', and no boot entry loads one.");
        }

        if (wanted is not null && wanted.Policy.Split('@')[0] != entry.Name)
            throw new SecurityPolicyException($"Policy's name '{entry.Name}' is not the expected one '{wanted.Policy}'.");
        byte[] binary = DurableFile.Read(entry.Path, int.MaxValue) ?? throw new SecurityPolicyException($"There is no {entry.Path}.");
        AcmPolicy policy = _files.Compiled(entry.Name, binary);
        if (wanted is not null && !PolicyName.Means(wanted.Policy, policy.Name, policy.Fingerprint))
            throw new SecurityPolicyException($"Policy '{policy.Name}' has the fingerprint {policy.Fingerprint}, not the expected one '{wanted.Policy}'.");
        if (wanted is not null && (wanted.Ssidref != policy.Ssidref(policy.Bootstrap.Name) || (wanted.Label ?? policy.Bootstrap.Name) != policy.Bootstrap.Name))
            throw new SecurityPolicyException($"ssidref={_environment.BootParameter} is not Domain-0's label in this policy: 0x{policy.Ssidref(policy.Bootstrap.Name):x8}, {policy.Bootstrap.Name}.");
        ActivePolicy active = new(policy, SourceOf(policy), _managed.Write(policy.Name));
        _activeFile.Write(active);
        _environment.Say("Enforcing CHINESE WALL AND SIMPLE TYPE ENFORCEMENT boot policy.");
        return active;
    }

    private string SourceOf(AcmPolicy policy)
    {
        try
        {
            string source = _files.Source(policy.Name);
            return Xml.PolicyReader.Read(source).Fingerprint == policy.Fingerprint ? source : Xml.PolicyWriter.Write(policy);
        }
        catch (SecurityPolicyException)
        {
            return Xml.PolicyWriter.Write(policy); // edited or gone since: what is in force is what was compiled
        }
    }
}
