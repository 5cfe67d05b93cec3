using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What the policy says of a disk in a configuration; label and policy empty: it has none.</summary>
internal sealed record CheckedResource(string Resource, bool Permitted, string Label, string Policy)
{
    public static CheckedResource Read(JsonElement root) => new(root.Text("resource"), root.Flag("permitted"), root.Text("label"), root.Text("policy"));
}
