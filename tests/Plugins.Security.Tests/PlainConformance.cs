using System.Collections.Concurrent;
using Hospes.Sdk.Security;
using Hospes.Security.Tests.Support;
using Hospes.TestKit.Security;

namespace Hospes.Security.Tests;

/// <summary>The suite of the test kit on a module that is not ACM.</summary>
public class PlainConformance : SecurityModuleConformance
{
    private readonly ConcurrentDictionary<string, PlainState> _states = new(StringComparer.Ordinal);

    private protected virtual PlainFault Fault => PlainFault.None;

    protected override ISecurityModule Create() => new PlainModule(_states, Fault);

    protected override void Enforce(ISecurityModule module, ReferencePolicy policy) => ((PlainModule)module).Enforce(policy);

    protected override SecurityLabel Label(ReferencePolicy policy, string name) => PlainModule.Label(policy, name);
}
