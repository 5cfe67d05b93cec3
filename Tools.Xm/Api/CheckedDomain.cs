using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What the policy says of a configuration.</summary>
internal sealed record CheckedDomain(string Name, bool Permitted, string Reason, string Label, string Policy, CheckedResource[]? Resources)
{
    public static CheckedDomain Read(JsonElement root) => new(
        root.Text("name"), root.Flag("permitted"), root.Text("reason"), root.Text("label"), root.Text("policy"),
        root.TryGetProperty("resources", out JsonElement resources) ? [.. resources.EnumerateArray().Select(CheckedResource.Read)] : null);
}
