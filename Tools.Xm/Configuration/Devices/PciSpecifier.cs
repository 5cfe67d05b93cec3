using System.Text.RegularExpressions;
using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'[DOMAIN:]BUS:SLOT.FUNC'</c> in hexadecimal (fact sheet "Domain configuration", section 4.5).</summary>
/// <remarks>Xen's own tool passed over entries that it could not read; a domain without its device helps nobody, so they are errors here.</remarks>
internal static partial class PciSpecifier
{
    /// <summary>One <c>(pci (dev ...) (dev ...))</c> for all devices.</summary>
    public static SxpList Form(IEnumerable<string> devices) => new([new SxpAtom("pci"), .. devices.Select(Device)]);

    private static SxpList Device(string text)
    {
        Match match = Syntax().Match(text);
        if (!match.Success)
            throw new ConfigException($"Error in PCI slot syntax \"{text}\"");
        return new SxpList(
            "dev",
            new SxpList("domain", Hexadecimal(match, "domain")),
            new SxpList("bus", Hexadecimal(match, "bus")),
            new SxpList("slot", Hexadecimal(match, "slot")),
            new SxpList("func", Hexadecimal(match, "func")));
    }

    private static string Hexadecimal(Match match, string name) =>
        match.Groups[name] is { Success: true } group ? $"0x{Convert.ToInt32(group.Value, 16):x}" : "0x0";

    [GeneratedRegex("^((?<domain>[0-9a-fA-F]{1,4})[:,])?(?<bus>[0-9a-fA-F]{1,2})[:,](?<slot>[0-9a-fA-F]{1,2})[.,](?<func>[0-7])$", RegexOptions.ExplicitCapture)]
    private static partial Regex Syntax();
}
