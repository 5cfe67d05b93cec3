using Hospes.Sdk.Security;
using Hospes.TestKit.Security;

namespace Hospes.Security.Tests.Support;

/// <summary>What a plain module leaves for the one after it.</summary>
internal sealed class PlainState
{
    public ReferencePolicy? Policy { get; set; }

    public Dictionary<string, SecurityLabel> Labels { get; } = new(StringComparer.Ordinal);
}
