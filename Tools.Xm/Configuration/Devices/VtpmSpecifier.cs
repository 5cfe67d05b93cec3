using System.Globalization;
using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'instance=1, backend=0'</c> (fact sheet "Domain configuration", section 4.4).</summary>
internal static class VtpmSpecifier
{
    private static readonly string[] Keys = ["instance", "backend"];

    public static SxpList Form(string text)
    {
        SxpList form = new("vtpm");
        foreach ((string key, string value) in KeyValueList.Parse(text, Keys, _ => $"Invalid vtpm specifier: {text}"))
            form = form.With(key == "instance" ? new SxpList("pref_instance", Instance(value)) : new SxpList("backend", value));
        return form;
    }

    private static string Instance(string value)
    {
        if (value == "VTPMD")
            return "0";
        if (!int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int instance))
            throw new ConfigException($"Invalid vtpm specifier: instance={value}");
        return instance != 0 ? value : throw new ConfigException("VM config error: vTPM instance must not be 0.");
    }
}
