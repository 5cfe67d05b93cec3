using Hospes.Networking.Bridge;
using Hospes.Sdk.Networking;
using Hospes.TestKit.Networking;

namespace Hospes.Networking.Tests;

/// <summary>network-bridge and vif-bridge.</summary>
public sealed class BridgeTests : EthernetConformance
{
    protected override INetworkScript CreateNetworkScript() => new NetworkBridge();

    protected override IVifScript CreateVifScript() => new VifBridge();
}
