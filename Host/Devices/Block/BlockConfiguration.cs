using Hospes.Sxp;

namespace Hospes.Host.Devices.Block;

/// <summary>What <c>xend-config.sxp</c> says of disks.</summary>
internal sealed record BlockConfiguration
{
    private const string PersistentKey = "blkif-persistent-grants";

    /// <summary>Guests are offered to keep their pages granted: <c>(blkif-persistent-grants yes)</c>.</summary>
    public bool OffersPersistentGrants { get; init; }

    /// <summary>Reads the file; one that is not there says nothing.</summary>
    /// <exception cref="XendException">It cannot be read; the message says where it is wrong.</exception>
    public static BlockConfiguration Read(string path)
    {
        try
        {
            SxpList all = new([new SxpAtom("xend-config"), .. File.Exists(path) ? SxpParser.ParseAll(File.ReadAllText(path)) : []]);
            return new BlockConfiguration
            {
                OffersPersistentGrants = all.ValueText(PersistentKey)?.ToLowerInvariant() switch
                {
                    null or "no" or "n" or "0" => false,
                    "yes" or "y" or "1" => true,
                    string value => throw XendException.Generic($"invalid xend config {PersistentKey}: {value} is neither yes nor no"),
                },
            };
        }
        catch (SxpSyntaxException wrong)
        {
            throw XendException.Generic($"{path} is not a sequence of (key value) forms: {wrong.Message}", wrong);
        }
    }
}
