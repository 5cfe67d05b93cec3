using System.Globalization;
using Hospes.Host.Domains;

namespace Hospes.Host.Devices.Block;

/// <summary>A disk's claims as a later Host reads them: <c>claim0</c> is <c>Write IDENTITY</c>. Files may be renamed or gone by then, so they are not looked up anew.</summary>
internal static class BlockClaimList
{
    private const string Prefix = "claim";

    /// <summary>Writes claims.</summary>
    public static IReadOnlyDictionary<string, string> Write(IReadOnlyList<BlockClaim> claims) => claims
        .Select(static (claim, index) => KeyValuePair.Create(string.Create(CultureInfo.InvariantCulture, $"{Prefix}{index}"), $"{claim.Mode} {claim.Identity}"))
        .ToDictionary(StringComparer.Ordinal);

    /// <summary>Reads claims, of a domain that may have another name now.</summary>
    public static BlockClaim[] Read(IReadOnlyDictionary<string, string> state, ManagedDomain domain) =>
    [
        .. state.Where(static pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static pair => pair.Value.Split(' ', 2))
            .Where(static words => words.Length == 2 && Enum.TryParse(words[0], out DiskMode _))
            .Select(words => new BlockClaim(domain.Id, domain.Uuid, words[1], Enum.Parse<DiskMode>(words[0]))),
    ];
}
