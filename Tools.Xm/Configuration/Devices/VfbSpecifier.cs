using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'type=vnc, vncunused=1'</c> (fact sheet "Domain configuration", section 4.3).</summary>
internal static class VfbSpecifier
{
    private static readonly string[] Keys = ["type", "vnclisten", "vncunused", "vncdisplay", "display", "xauthority", "vncpasswd", "keymap"];

    /// <summary>The frame buffer's form; a <c>(vkbd)</c> goes before it.</summary>
    /// <param name="text">The description.</param>
    /// <param name="keymap">The global variable of this name, or null.</param>
    /// <param name="environment">Where DISPLAY and XAUTHORITY are looked up if the description leaves them away.</param>
    public static SxpList Form(string text, string? keymap, Func<string, string?> environment)
    {
        Dictionary<string, string> values = KeyValueList.Parse(text, Keys, part => $"configuration option {part.Split('=')[0].Trim()} unknown to vfbs")
            .ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        values.TryAdd("type", "sdl");
        if (values["type"] is not ("vnc" or "sdl"))
            throw new ConfigException($"vfb type '{values["type"]}' is unknown: it has to be vnc or sdl");
        AddDefault(values, "keymap", keymap);
        if (values["type"] == "sdl")
        {
            AddDefault(values, "display", environment("DISPLAY"));
            AddDefault(values, "xauthority", environment("XAUTHORITY"));
        }

        return new SxpList([new SxpAtom("vfb"), .. Keys.Where(values.ContainsKey).Select(key => new SxpList(key, values[key]))]);
    }

    private static void AddDefault(Dictionary<string, string> values, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            values.TryAdd(key, value);
    }
}
