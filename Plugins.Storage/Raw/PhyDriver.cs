using System.Globalization;
using Hospes.Sdk.Storage;

namespace Hospes.Storage.Raw;

/// <summary>
/// <c>phy:</c>, any block device: a partition, a logical volume, an imported disk. A relative name is one below /dev, a hexadecimal number that names
/// nothing there is a device's number (fact sheet "Storage", section 1).
/// </summary>
[BlockDriver("phy")]
public sealed class PhyDriver : RawDriver
{
    private protected override BlockSource Source(string parameters, bool isWritable) =>
        new(Find(parameters), isWritable) { Kind = BlockSourceKind.Device, IsDirect = true };

    private static string Find(string name)
    {
        if (name.Length == 0)
            throw new IOException("The disk names no device.");
        string path = Path.GetFullPath(name, "/dev");
        string digits = name.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? name[2..] : name;
        return !File.Exists(path) && uint.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint number)
            ? $"/dev/block/{number >> 8}:{number & 0xff}"
            : path;
    }
}
