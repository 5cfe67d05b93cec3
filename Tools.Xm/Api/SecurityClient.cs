using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What xend's API has below <c>/v1/security</c>.</summary>
internal sealed class SecurityClient(XendClient xend)
{
    private const string Root = "/v1/security";

    /// <summary>What is in force.</summary>
    public SecurityInfo State() => JsonFields.Read(xend.Get(Root), SecurityInfo.Read);

    public string[] Labels(string? policy, string type) => JsonFields.Read<string[]>(
        xend.Get($"{Root}/labels?type={Uri.EscapeDataString(type)}&policy={Uri.EscapeDataString(policy ?? "")}"),
        static root => [.. root.EnumerateArray().Select(static label => label.GetString()!)]);

    public byte[] Dump() => xend.Get($"{Root}/dump");

    /// <summary>The source of a policy; null: of the one in force.</summary>
    public byte[] Source(string? policy = null) => xend.Get(policy is null ? $"{Root}/source" : $"{Root}/source?policy={Uri.EscapeDataString(policy)}");

    public ResourceLabel[] Resources() => JsonFields.Read<ResourceLabel[]>(
        xend.Get($"{Root}/resources"), static root => [.. root.EnumerateArray().Select(ResourceLabel.Read)]);

    public ResourceLabel Resource(string name) => JsonFields.Read(xend.Get($"{Root}/resource?name={Uri.EscapeDataString(name)}"), ResourceLabel.Read);

    public void Make(string policy) => xend.PostTo($"{Root}/make", ("name", policy));

    public void Load(string policy) => xend.PostTo($"{Root}/load", ("name", policy));

    public void Reset() => xend.PostTo($"{Root}/reset");

    /// <returns>The title of the boot entry.</returns>
    public string Boot(string policy, string? title) => JsonFields.Read(
        title is null ? xend.PostTo($"{Root}/boot", ("policy", policy)) : xend.PostTo($"{Root}/boot", ("policy", policy), ("title", title)),
        static root => root.Text("title"));

    public void Install(string policy, bool load, bool boot, bool update, bool overwrites) => xend.PostTo(
        $"{Root}/install", ("policy", policy), ("load", load ? 1 : 0), ("boot", boot ? 1 : 0), ("update", update ? 1 : 0), ("noOverwrite", overwrites ? 0 : 1));

    public void Activate(bool load, bool boot, bool unboot, bool remove) => xend.PostTo(
        $"{Root}/activate", ("load", load ? 1 : 0), ("boot", boot ? 1 : 0), ("unboot", unboot ? 1 : 0), ("remove", remove ? 1 : 0));

    /// <returns>The file that was made to keep labels in, or null.</returns>
    public string? Label(string resource, string label, string? policy)
    {
        string[] parts = (policy ?? "").Split(':', 2);
        byte[] answer = xend.PostTo($"{Root}/resource-label", ("resource", resource), ("name", label), ("policy", parts[^1]), ("type", parts.Length == 2 ? parts[0] : ""));
        return JsonFields.Read(answer, static root => root.Text("file")) is { Length: > 0 } file ? file : null;
    }

    /// <summary>Makes a policy of a definition of workloads and writes its source to its place.</summary>
    /// <returns>The path.</returns>
    public string SaveWorkloads(string definition, string policy, bool overwrites) => JsonFields.Read(
        xend.PostTo($"{Root}/workloads", ("definition", definition), ("policy", policy), ("save", 1), ("overwrite", overwrites ? 1 : 0)),
        static root => root.Text("path"));

    /// <summary>Writes a policy's source to its place, over what is there.</summary>
    /// <returns>The path.</returns>
    public string SaveSource(string source, string policy) => JsonFields.Read(
        xend.PostTo($"{Root}/workloads", ("source", source), ("policy", policy), ("save", 1), ("overwrite", 1)), static root => root.Text("path"));

    public void Unlabel(string resource) => xend.PostTo($"{Root}/resource-unlabel", ("name", resource));

    public CheckedDomain Check(string form) => JsonFields.Read(xend.PostFormTo($"{Root}/check", form), CheckedDomain.Read);
}
