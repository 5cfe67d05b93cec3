using System.Net;
using System.Text;
using Hospes.Sdk.Networking;

namespace Hospes.Networking.Nat;

/// <summary>What network-nat has chosen and vif-nat must know, over restarts: the guests' network, in a file.</summary>
internal static class NatState
{
    internal static IPNetwork? Load(NetworkRequest request)
    {
        string path = PathOf(request);
        return File.Exists(path) && IPNetwork.TryParse(File.ReadAllText(path).Trim(), out IPNetwork network) ? network : null;
    }

    internal static void Save(NetworkRequest request, IPNetwork network) => File.WriteAllText(PathOf(request), $"{network}\n", Encoding.ASCII);

    internal static void Forget(NetworkRequest request) => File.Delete(PathOf(request));

    private static string PathOf(NetworkRequest request) => Path.Combine(request.StateDirectory, "network-nat.subnet");
}
