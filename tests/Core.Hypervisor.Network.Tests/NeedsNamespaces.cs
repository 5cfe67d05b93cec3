using Hospes.Linux.Networking;

namespace Hospes.Hypervisor.Network.Tests;

/// <summary>Skips where network namespaces cannot be made.</summary>
internal static class NeedsNamespaces
{
    internal static NetworkNamespace Create()
    {
        try
        {
            return NetworkNamespace.Create();
        }
        catch (NetworkException refused) when (refused.Errno == NetworkException.NotPermitted)
        {
            throw new SkipException($"network namespaces need root here: {refused.Message}");
        }
    }
}
