using Hospes.Host.Devices;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Startup;
using Hospes.Host.Xenstore;
using Hospes.Sdk;
using Hospes.Sdk.Security;

namespace Hospes.Host.Security;

/// <summary>
/// Asks the security module at every place where something is mediated, and writes denials down. A module that throws has denied. Without a module nothing is
/// mediated. Any thread.
/// </summary>
internal sealed class SecurityService
{
    private const string Refusal = "Security configuration prevents domain from starting";
    private const string NotPermitted = "(1, 'Operation not permitted')";

    private readonly AuditLog _audit;
    private readonly ILogger<SecurityService> _log;

    public SecurityService(
        AppliancePlugins plugins, DaemonOptions options, DomainRecords records, AuditLog audit, HypervisorRing ring, XenstoreServer xenstore, ILogger<SecurityService> log)
    {
        _audit = audit;
        _log = log;
        Module = plugins.SecurityModule;
        HostPaths paths = options.Paths;
        if (Module is not null)
            xenstore.Mediator = (subject, other) => MayShare(SecurityOperation.StoreAccess, subject, other);
        Module?.Start(new SecurityEnvironment
        {
            ConfigurationDirectory = paths.Configuration,
            StateDirectory = paths.State,
            BootDirectory = paths.Boot,
            BootId = records.Boot,
            BootParameter = options.Boot.Security,
            Say = message =>
            {
                ring.Say(message);
                log.Info(message);
            },
        });
    }

    /// <summary>The module; null: there is none.</summary>
    public ISecurityModule? Module { get; }

    /// <summary>What is in force; null: there is no module.</summary>
    public SecurityStatus? Status => Module?.Status;

    /// <summary>Held while a resource that a domain has claimed is decided about, and while a label is changed.</summary>
    public Lock LabelGate { get; } = new();

    /// <summary>Denials since the daemon was started, by operation.</summary>
    public IReadOnlyDictionary<SecurityOperation, long> Denials => _audit.Denials;

    /// <summary>A domain as the module knows it.</summary>
    public static SecuritySubject Subject(ManagedDomain domain) => new(domain.Id, domain.Name, SecurityForm.Label(domain.Configuration));

    /// <summary>Has a domain counted, before anything of it runs.</summary>
    /// <exception cref="XendException">It may not run here.</exception>
    public void Admit(ManagedDomain domain, SecurityOperation operation)
    {
        if (Module is null)
            return;
        SecuritySubject subject = Subject(domain);
        SecurityDecision decision = Ask(operation, subject.ToString(), module => module.Admit(subject, operation));
        if (decision.IsAllowed)
            return;
        Deny(operation, decision, isGuests: false);
        throw XendException.Generic(decision.IsConflict ? NotPermitted : $"{Refusal}: {decision.Rule}");
    }

    /// <summary>Has a domain counted that an earlier daemon has left.</summary>
    public void Recall(ManagedDomain domain)
    {
        try
        {
            Module?.Recall(Subject(domain));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log.Error($"domain {domain}: the security module cannot take it up: {failure.Message}", failure);
        }
    }

    /// <summary>A domain has gone.</summary>
    public void Dismiss(ManagedDomain domain) => Module?.Dismiss(domain.Id);

    /// <summary>Whether two domains may share; what a guest asks for.</summary>
    public bool MayShare(SecurityOperation operation, DomainId subject, DomainId other)
    {
        if (Module is null)
            return true;
        SecurityDecision decision = Ask(operation, $"domain {subject}", module => module.MayShare(operation, subject, other));
        if (!decision.IsAllowed)
            Deny(operation, decision, isGuests: true);
        return decision.IsAllowed;
    }

    /// <summary>Requires that a domain may have a resource.</summary>
    /// <exception cref="XendException">It may not.</exception>
    public void RequireUse(SecurityOperation operation, ManagedDomain domain, SecurityResource resource)
    {
        if (Module is null)
            return;
        SecurityDecision decision;
        lock (LabelGate)
            decision = Use(operation, Subject(domain), resource);
        if (decision.IsAllowed)
            return;
        Deny(operation, decision, isGuests: false);
        throw XendException.Generic($"VM's access to {Word(operation)} '{resource.Name}' denied: {decision.Rule}");
    }

    /// <summary>Requires that a new domain may have its disks, as far as their names tell before any is open: so that nothing is made in vain.</summary>
    /// <exception cref="XendException">It may not have one.</exception>
    public void RequireDisks(ManagedDomain domain, IReadOnlyList<DeviceConfiguration> wanted)
    {
        foreach (string name in wanted.Where(static device => device.Class == "vbd").Select(static device => device.Value("uname")).OfType<string>().Where(IsNamed))
        {
            SecurityDecision decision = Use(SecurityOperation.BlockAttach, Subject(domain), new SecurityResource(name));
            if (decision.IsAllowed)
                continue;
            Deny(SecurityOperation.BlockAttach, decision, isGuests: false);
            throw XendException.Generic($"{Refusal}: {decision.Rule}");
        }
    }

    /// <summary>Whether a domain may have a resource, without consequences.</summary>
    public SecurityDecision Use(SecurityOperation operation, SecuritySubject subject, SecurityResource resource) =>
        Module is null ? SecurityDecision.Allowed : Ask(operation, subject.ToString(), module => module.MayUse(operation, subject, resource));

    // What a script makes has no name yet.
    private static bool IsNamed(string uname) => uname.Split(':')[0] is "file" or "phy" or "tap";

    private static string Word(SecurityOperation operation) => operation switch
    {
        SecurityOperation.BlockAttach => "block device",
        SecurityOperation.NetworkAttach => "network interface",
        _ => "device",
    };

    private void Deny(SecurityOperation operation, SecurityDecision decision, bool isGuests)
    {
        _audit.Write(operation, decision, () => Status!, isGuests);
        if (!isGuests)
            _log.Warning($"denied {operation}: {decision.Subject}; {decision.Object}; {decision.Rule}");
    }

    private SecurityDecision Ask(SecurityOperation operation, string subject, Func<ISecurityModule, SecurityDecision> question)
    {
        try
        {
            return question(Module!);
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            _log.Error($"the security module failed when asked about {operation}, which counts as a denial", failure);
            return SecurityDecision.Denied(subject, operation.ToString(), $"the security module failed: {failure.Message}");
        }
    }
}
