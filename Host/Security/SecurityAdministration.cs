using Hospes.Host.Devices;
using Hospes.Host.Devices.Block;
using Hospes.Host.Domains;
using Hospes.Host.Logging;
using Hospes.Hypervisor.Backends.Block.Files;
using Hospes.Sdk;
using Hospes.Sdk.Security;
using Hospes.Sdk.Storage;

namespace Hospes.Host.Security;

/// <summary>What people administer of the security policy: one thing at a time, and what is refused leaves all as it was.</summary>
internal sealed class SecurityAdministration(SecurityService security, DomainTable table, BlockClaims claims, ILogger<SecurityAdministration> log)
{
    private readonly Lock _lock = new();

    /// <summary>The policies.</summary>
    /// <exception cref="XendException">No module has any.</exception>
    public ISecurityPolicies Policies => security.Module as ISecurityPolicies ?? throw Off();

    /// <summary>Labels of resources.</summary>
    /// <exception cref="XendException">No module has any.</exception>
    public IResourceLabels Resources => security.Module as IResourceLabels ?? throw Off();

    /// <summary>Somebody has changed what is in force: interfaces are to be asked for anew.</summary>
    public event Action? Changed;

    /// <summary>Does something with the policies.</summary>
    /// <exception cref="XendException">It was refused.</exception>
    public T With<T>(Func<ISecurityPolicies, T> work)
    {
        try
        {
            lock (_lock)
                return work(Policies);
        }
        catch (SecurityPolicyException refused)
        {
            throw XendException.Generic(refused.Message, refused);
        }
    }

    /// <summary>Does something with policies made of workloads.</summary>
    /// <exception cref="XendException">It was refused.</exception>
    public T WithWorkloads<T>(Func<IWorkloadPolicies, T> work)
    {
        try
        {
            lock (_lock)
                return work(security.Module as IWorkloadPolicies ?? throw Off());
        }
        catch (SecurityPolicyException refused)
        {
            throw XendException.Generic(refused.Message, refused);
        }
    }

    /// <summary>Puts a compiled policy in force.</summary>
    /// <exception cref="XendException">It was refused.</exception>
    public void Load(string policy)
    {
        With(policies => Conforming(uses =>
        {
            policies.Load(policy, uses);
            return 0;
        }));
        Loaded();
    }

    /// <summary>Installs a policy, and puts it in force if wanted.</summary>
    /// <param name="policy">The name of one that is on this system, if there is no source.</param>
    /// <param name="source">Its text, or null.</param>
    /// <param name="overwrites">It may take the place of one of the same name.</param>
    /// <param name="isUpdate">It is that one's next version.</param>
    /// <param name="loads">It is to be in force.</param>
    /// <returns>Its name.</returns>
    /// <exception cref="XendException">It was refused, and all is as it was; the message says what kind of refusal it is, and what the running state has against it.</exception>
    public string Install(string? policy, string? source, bool overwrites, bool isUpdate, bool loads)
    {
        string name;
        try
        {
            lock (_lock)
            {
                string text = source ?? Policies.Source(policy);
                name = loads ? Conforming(uses => Policies.Install(text, overwrites, isUpdate, uses)) : Policies.Install(text, overwrites, isUpdate);
            }
        }
        catch (SecurityPolicyException refused)
        {
            string kind = refused.Kind is null ? "" : $"{refused.Kind}: ";
            string violations = refused.Violations.Count == 0 ? ""
                : $"\nHypervisor reported errors:\n{string.Join('\n', refused.Violations.Select(static pair => $"(0x{pair.Code:x8}, 0x{pair.About:x8})"))}";
            throw XendException.Generic($"{kind}{refused.Message}{violations}", refused);
        }

        if (loads)
            Loaded();
        return name;
    }

    /// <summary>Puts none in force.</summary>
    /// <exception cref="XendException">It was refused.</exception>
    public void Reset()
    {
        With(static policies =>
        {
            policies.Reset();
            return 0;
        });
        log.Info("no security policy is in force any more");
        Changed?.Invoke();
    }

    /// <summary>A label by its name in a policy, which is the one in force if none is given; an empty name: none.</summary>
    /// <exception cref="XendException">There is no such label.</exception>
    public SecurityLabel? Check(string? policy, string name, SecurityLabelKind kind)
    {
        if (name.Length == 0)
            return null;
        SecurityStatus? status = security.Status;
        string of = policy is { Length: > 0 } ? policy
            : status is { IsEnforcing: true } ? status.Policy : throw XendException.Generic("No active policy. Must specify policy on the command line.");
        return With(policies => policies.Labels(of, kind)).Contains(name, StringComparer.Ordinal)
            ? new SecurityLabel(status?.Type ?? "", of, name)
            : throw XendException.Generic($"Label '{name}' not found.");
    }

    /// <summary>Gives a resource a label.</summary>
    /// <returns>The file that was made for it, or null.</returns>
    /// <exception cref="XendException">It was refused.</exception>
    public string? AddLabel(string resource, SecurityLabel label) => Relabel(resource, labels => labels.Add(resource, label));

    /// <summary>Takes the label of a resource away.</summary>
    /// <exception cref="XendException">It was refused.</exception>
    public void RemoveLabel(string resource) => Relabel(resource, labels =>
    {
        labels.Remove(resource);
        return 0;
    });

    /// <summary>The labelled resources.</summary>
    /// <exception cref="XendException">They cannot be told.</exception>
    public T Look<T>(Func<IResourceLabels, T> look)
    {
        try
        {
            return look(Resources);
        }
        catch (SecurityPolicyException refused)
        {
            throw XendException.Generic(refused.Message, refused);
        }
    }

    // The label of what a domain has must not change. Who attaches claims first and then decides under the gate; here the claims are looked at and the label
    // is written under the gate: either the claim is seen, or the new label is.
    private T Relabel<T>(string resource, Func<IResourceLabels, T> work) => Look(labels =>
    {
        lock (security.LabelGate)
        {
            (_, string? path) = labels.Resolve(resource);
            if (path is not null && Holder(path) is { } holder)
                throw new SecurityPolicyException($"The resource is in use: domain {holder} has {path}");
            return work(labels);
        }
    });

    private DomainId? Holder(string path)
    {
        try
        {
            using BlockFile file = BlockFile.Open(new BlockSource(path, false));
            return claims.Holder(file.Identity);
        }
        catch (IOException)
        {
            return null; // nothing that a domain could have open
        }
    }

    private void Loaded()
    {
        log.Info($"security policy {security.Status!.Policy} version {security.Status.Version} is in force, fingerprint {security.Status.Fingerprint}");
        Changed?.Invoke();
    }

    // Who is being given a device has it among those planned before the policy is asked, under the gate: either it is seen here, or the new policy is asked.
    private T Conforming<T>(Func<IReadOnlyList<SecurityUse>, T> load)
    {
        lock (security.LabelGate)
            return load([.. table.All.SelectMany(DomainResources.Of)]);
    }

    private static XendException Off() => XendException.Generic("No security module is loaded. \"security\": \"acm\" in plugins.json chooses one.");
}
