using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'UNAME,VDEV,MODE[,BACKENDDOM]'</c> (fact sheet "Domain configuration", section 4.1).</summary>
internal static class DiskSpecifier
{
    public static SxpList Form(string text)
    {
        string[] fields = text.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length is not (3 or 4) || fields[1].Length == 0 || fields[2].Length == 0)
            throw new ConfigException($"Invalid disk specifier: {text}");
        string deviceClass = fields[0].StartsWith("tap:", StringComparison.Ordinal) ? "tap" : "vbd";
        SxpList form = new(deviceClass, new SxpList("uname", fields[0]), new SxpList("dev", fields[1]), new SxpList("mode", fields[2]));
        return fields is [_, _, _, { Length: > 0 } backend] ? form.With(new SxpList("backend", backend)) : form;
    }
}
