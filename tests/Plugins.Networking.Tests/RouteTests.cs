using Hospes.Networking.Route;
using Hospes.Sdk.Networking;
using Hospes.TestKit.Networking;

namespace Hospes.Networking.Tests;

/// <summary>network-route and vif-route.</summary>
public sealed class RouteTests : RoutedConformance
{
    protected override INetworkScript CreateNetworkScript() => new NetworkRoute();

    protected override IVifScript CreateVifScript() => new VifRoute();
}
