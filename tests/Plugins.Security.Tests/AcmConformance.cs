using Hospes.Sdk.Security;
using Hospes.Security.Acm;
using Hospes.Security.Acm.Policies;
using Hospes.Security.Acm.Xml;
using Hospes.Security.Tests.Support;
using Hospes.TestKit.Security;

namespace Hospes.Security.Tests;

/// <summary>The suite of the test kit.</summary>
public sealed class AcmConformance : SecurityModuleConformance
{
    protected override ISecurityModule Create() => new AcmModule();

    protected override void Enforce(ISecurityModule module, ReferencePolicy policy)
    {
        AcmPolicy made = PolicyBuilder.Build(Drafts.Of(policy));
        ((ISecurityPolicies)module).Install(PolicyWriter.Write(made), overwrites: true, isUpdate: false, running: []);
    }

    protected override SecurityLabel Label(ReferencePolicy policy, string name) => new("ACM", policy.Name, name);
}
