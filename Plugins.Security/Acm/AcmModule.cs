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
}
