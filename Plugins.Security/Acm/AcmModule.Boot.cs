using Hospes.Sdk.Security;
using Hospes.Security.Acm.Boot;
using Hospes.Security.Acm.Files;
using Hospes.Security.Acm.Policies;

namespace Hospes.Security.Acm;

/// <summary>The policy of the boot entry (fact sheet "ACM", section 5.1).</summary>
public sealed partial class AcmModule
{
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
