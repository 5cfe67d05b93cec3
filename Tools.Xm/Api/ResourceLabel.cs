using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>A resource with its label.</summary>
internal sealed record ResourceLabel(string Resource, string Policy, string Label)
{
    public static ResourceLabel Read(JsonElement root) => new(root.Text("resource"), root.Text("policy"), root.Text("label"));
}
