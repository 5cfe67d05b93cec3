using Hospes.Sdk.Networking;

namespace Hospes.Networking.Common;

/// <summary>How what we make is told from what others made: by the alias of an interface and the name of a table.</summary>
internal static class OwnerMark
{
    /// <summary>The alias of an interface that the owner's scripts have made.</summary>
    internal static string Alias(NetworkRequest request) => $"hospes:{request.Owner}";

    /// <summary>The name of the owner's tables of filters.</summary>
    internal static string Table(NetworkRequest request) => $"hospes-{request.Owner}";
}
