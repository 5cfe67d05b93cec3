using System.Collections.Concurrent;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.TestKit.Security;

namespace Hospes.Security.Tests.Support;

/// <summary>A security module of another kind than ACM, as a third party might begin one; with a fault, if wanted, that the conformance suite has to find.</summary>
internal sealed class PlainModule(ConcurrentDictionary<string, PlainState> states, PlainFault fault) : ISecurityModule, IResourceLabels
{
    private const string Type = "PLAIN";
    private static readonly SecurityDecision Denied = SecurityDecision.Denied("somebody", "something", "the plain rule");

    private readonly Lock _lock = new();
    private PlainState _state = new();
    private ReferenceMonitor? _monitor;

    public SecurityStatus Status => new() { Type = Type, Policy = _monitor?.Policy.Name ?? "NONE", IsEnforcing = _monitor is not null };

    public IReadOnlyList<LabelledResource> All => [.. _state.Labels.Select(static pair => new LabelledResource(pair.Key, pair.Value))];

    public static SecurityLabel Label(ReferencePolicy policy, string name) => new(Type, policy.Name, name);

    public void Start(SecurityEnvironment environment)
    {
        _state = states.GetOrAdd(environment.StateDirectory, static _ => new PlainState());
        if (_state.Policy is { } policy && fault != PlainFault.ForgetsThePolicy)
            _monitor = new ReferenceMonitor(policy);
    }

    public void Enforce(ReferencePolicy policy)
    {
        lock (_lock)
        {
            ReferenceMonitor? next = _monitor is null || fault == PlainFault.TakesAnyChange ? new ReferenceMonitor(policy) : _monitor.Under(policy);
            _monitor = next ?? throw new SecurityPolicyException("what runs does not conform to it");
            _state.Policy = policy;
        }
    }

    public SecurityDecision Admit(SecuritySubject domain, SecurityOperation operation)
    {
        lock (_lock)
        {
            if (_monitor is null)
                return Decide(domain.Label is null);
            ReferenceLabel? label = Known(domain.Label, _monitor.Policy.Domains);
            bool may = label is null ? fault == PlainFault.RunsWhatItDoesNotKnow : fault == PlainFault.IgnoresTheWall || _monitor.MayRun(label);
            if (may && label is not null)
                _monitor.Enter(domain.Domain, label);
            return Decide(may);
        }
    }

    public void Recall(SecuritySubject domain)
    {
        lock (_lock)
        {
            if (_monitor is not null && Known(domain.Label, _monitor.Policy.Domains) is { } label)
                _monitor.Enter(domain.Domain, label);
        }
    }

    public void Dismiss(DomainId domain)
    {
        lock (_lock)
        {
            if (fault != PlainFault.ForgetsWhoGoes)
                _monitor?.Leave(domain);
        }
    }

    public SecurityDecision MayShare(SecurityOperation operation, DomainId subject, DomainId other)
    {
        lock (_lock)
            return Decide(_monitor is null || fault == PlainFault.SharesWithAll || _monitor.MayShare(subject, other));
    }

    public SecurityDecision MayUse(SecurityOperation operation, SecuritySubject subject, SecurityResource resource)
    {
        lock (_lock)
        {
            if (_monitor is null)
                return SecurityDecision.Allowed;
            SecurityLabel? label = resource.Label ?? _state.Labels.GetValueOrDefault(resource.Name);
            if (label is null && fault == PlainFault.LetsUnlabelledResourcesBeUsed)
                return SecurityDecision.Allowed;
            return Decide(_monitor.MayUse(subject.Domain, Known(label, _monitor.Policy.Resources)));
        }
    }

    public TrafficClass? Traffic(SecuritySubject domain, SecurityLabel? label)
    {
        if (_monitor is null || Known(label, _monitor.Policy.Resources) is not { } own)
            return null;
        IReadOnlyList<ReferenceLabel> all = _monitor.Policy.Resources;
        return new TrafficClass(
            all.ToList().IndexOf(own) + 1, own.Shares(_monitor.Policy.Domains[0]), other => fault == PlainFault.LetsAllPacketsPass || own.Shares(all[other - 1]));
    }

    public (string Name, string? Path) Resolve(string resource) => (resource, null);

    public LabelledResource? Find(string resource) => _state.Labels.TryGetValue(resource, out SecurityLabel? label) ? new LabelledResource(resource, label) : null;

    public string? Add(string resource, SecurityLabel label)
    {
        _state.Labels.Add(resource, label);
        return null;
    }

    public void Remove(string resource) => _state.Labels.Remove(resource);

    private ReferenceLabel? Known(SecurityLabel? label, IReadOnlyList<ReferenceLabel> among) =>
        label is { Type: Type } && label.Policy == _monitor!.Policy.Name ? among.FirstOrDefault(known => known.Name == label.Name) : null;

    private SecurityDecision Decide(bool may) => may ? SecurityDecision.Allowed : fault == PlainFault.DeniesWithoutARule ? Denied with { Rule = "" } : Denied;
}
