using Hospes.Sxp;

namespace Hospes.Xm.Configuration.Devices;

/// <summary><c>'mac=..., bridge=...'</c> or nothing (fact sheet "Domain configuration", section 4.2). xend fills in what is missing.</summary>
internal static class VifSpecifier
{
    private static readonly string[] Keys =
        ["type", "mac", "bridge", "ip", "script", "backend", "vifname", "rate", "model", "accel", "policy", "label"];

    public static SxpList Form(string text)
    {
        IReadOnlyList<(string Key, string Value)> pairs = KeyValueList.Parse(text, Keys, part => $"Invalid vif option: {part}");
        SxpList form = new(
            [new SxpAtom("vif"), .. pairs.Where(pair => pair.Key is not ("policy" or "label")).Select(pair => new SxpList(pair.Key, pair.Value))]);
        string? policy = ValueOf(pairs, "policy");
        string? label = ValueOf(pairs, "label");
        if (policy is null && label is null)
            return form;
        if (policy is null || label is null)
            throw new ConfigException($"Invalid vif option: {text} (policy and label go together)");
        return form.With(new SxpList("security_label", $"ACM:{policy}:{label}"));
    }

    private static string? ValueOf(IReadOnlyList<(string Key, string Value)> pairs, string key) =>
        pairs.Where(pair => pair.Key == key).Select(pair => pair.Value).FirstOrDefault();
}
