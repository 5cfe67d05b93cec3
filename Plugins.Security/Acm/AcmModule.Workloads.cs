using Hospes.Sdk.Security;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Workloads;
using Hospes.Security.Acm.Xml;

namespace Hospes.Security.Acm;

/// <summary>Policies from workloads: ezPolicy.</summary>
public sealed partial class AcmModule : IWorkloadPolicies
{
    /// <inheritdoc/>
    string IWorkloadPolicies.Translate(string definition, string policy, DateTimeOffset now) =>
        PolicyWriter.Write(WorkloadTranslation.Translate(WorkloadDefinition.Parse(definition), PolicyName.Require(policy), now), WorkloadTranslation.Remark);

    /// <inheritdoc/>
    string IWorkloadPolicies.Save(string policy, string source, bool overwrites)
    {
        AcmPolicy read = PolicyReader.Read(source);
        if (read.Name != PolicyName.Require(policy))
            throw new SecurityPolicyException($"The source says that it is policy '{read.Name}', not '{policy}'");
        if (!overwrites && File.Exists(_files.SourcePath(policy)))
            throw new SecurityPolicyException($"Policy '{policy}' is on this system already");
        _files.Write(policy, source);
        return _files.SourcePath(policy);
    }
}
