namespace Hospes.Xm.Cli;

/// <summary>
/// Commands of the manual that are not there, because what they need is not: help and completion do not show them, but who calls one hears why it fails.
/// </summary>
internal static class UnavailableCommands
{
    private const string Saving = "saving a guest's state, which this version cannot do";
    private const string Vnets = "virtual networks (vnets), which this version does not have";
    private const string XenApi = "the Xen-API, which xend does not speak here";

    private static readonly Dictionary<string, string> Needs = new(StringComparer.Ordinal)
    {
        ["save"] = Saving,
        ["restore"] = Saving,
        ["migrate"] = Saving,
        ["suspend"] = Saving,
        ["resume"] = Saving,
        ["vnet-list"] = Vnets,
        ["vnet-create"] = Vnets,
        ["vnet-delete"] = Vnets,
        ["vtpm-list"] = "virtual TPMs, which this version does not have",
        ["network-new"] = XenApi,
        ["network-del"] = XenApi,
        ["network-show"] = XenApi,
    };

    /// <summary>Why a command cannot be had; null: it is no command of the manual's.</summary>
    public static string? Explain(string name) => Needs.TryGetValue(name, out string? need) ? $"'xm {name}' needs {need}." : null;
}
