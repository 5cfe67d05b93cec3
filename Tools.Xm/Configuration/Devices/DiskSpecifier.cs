using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'UNAME,VDEV,MODE[,BACKENDDOM][,script=NAME]'</c> (fact sheet "Domain configuration", section 4.1).</summary>
internal static class DiskSpecifier
{
    private const string ScriptKey = "script=";

    public static SxpList Form(string text)
    {
        string[] fields = text.Split(',', StringSplitOptions.TrimEntries);
        if (fields.Length is < 3 or > 5 || fields[1].Length == 0 || fields[2].Length == 0)
            throw new ConfigException($"Invalid disk specifier: {text}");
        string[] rest = fields[3..];
        if (rest.Length == 2 && rest.Count(IsScript) != 1)
            throw new ConfigException($"Invalid disk specifier: {text}");
        return Form(fields[0], fields[1], fields[2], rest);
    }

    /// <summary>A disk's form.</summary>
    /// <param name="uname">Driver and path.</param>
    /// <param name="device">The guest's name for it.</param>
    /// <param name="mode">r, w or w!.</param>
    /// <param name="rest">The back-end's domain, <c>script=NAME</c>, both or neither.</param>
    public static SxpList Form(string uname, string device, string mode, IEnumerable<string> rest)
    {
        SxpList form = new(
            uname.StartsWith("tap:", StringComparison.Ordinal) ? "tap" : "vbd",
            new SxpList("uname", uname), new SxpList("dev", device), new SxpList("mode", mode));
        foreach (string word in rest.Where(static word => word.Length > 0))
            form = form.With(IsScript(word) ? new SxpList("script", word[ScriptKey.Length..]) : new SxpList("backend", word));
        return form;
    }

    private static bool IsScript(string word) => word.StartsWith(ScriptKey, StringComparison.Ordinal);
}
