using System.Globalization;
using System.Text.RegularExpressions;

namespace Hospes.Host.Devices.Block;

/// <summary>Numbers of disks as guests know them (fact sheet "Storage", section 1.1): hda is 768, sda1 2049, xvda 51712.</summary>
/// <remarks>
/// Names are matched whole: xvda16 is refused rather than taken for xvdb. A device node of that name on this machine does not matter: its number
/// means nothing to a guest. Disks after xvdp have extended numbers, bit 28 and disk times 256 plus partition.
/// </remarks>
internal static partial class DiskNumber
{
    private const int ExtendedBit = 1 << 28;
    private const int XenMajor = 202;

    private static readonly int[] IdeMajors = [3, 22, 33, 34, 56, 57, 88, 89, 90, 91];
    private static readonly int[] ScsiMajors = [8, 65, 66, 67, 68, 69, 70, 71, 128, 129, 130, 131, 132, 133, 134, 135];

    /// <summary>The number of a name without /dev/.</summary>
    /// <exception cref="XendException">It names no disk.</exception>
    public static int Parse(string name)
    {
        Match match = Pattern().Match(name);
        if (match.Success)
        {
            int? number = FromName(match.Groups["kind"].Value, match.Groups["letters"].Value, match.Groups["part"].Value);
            if (number is { } known)
                return known;
        }

        string digits = name.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? name[2..] : name;
        if (int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int plain) && plain > 0)
            return plain;
        throw XendException.Generic($"Unable to find number for device ({name})");
    }

    private static int? FromName(string kind, string letters, string part)
    {
        int disk = letters.Length == 1 ? letters[0] - 'a' : ((letters[0] - 'a' + 1) * 26) + letters[1] - 'a';
        int partition = part.Length == 0 ? 0 : int.Parse(part, CultureInfo.InvariantCulture);
        return kind switch
        {
            "hd" when disk < 2 * IdeMajors.Length && partition < 64 => (IdeMajors[disk / 2] << 8) | ((disk % 2 * 64) + partition),
            "sd" when disk < 16 * ScsiMajors.Length && partition < 16 => (ScsiMajors[disk / 16] << 8) | ((disk % 16 * 16) + partition),
            "xvd" when disk < 16 && partition < 16 => (XenMajor << 8) | ((disk * 16) + partition),
            "xvd" when disk >= 16 && partition < 256 => ExtendedBit | (disk << 8) | partition,
            _ => null,
        };
    }

    [GeneratedRegex(@"^(?<kind>hd|sd|xvd)(?<letters>[a-z]{1,2})(?<part>[1-9][0-9]{0,2})?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Pattern();
}
