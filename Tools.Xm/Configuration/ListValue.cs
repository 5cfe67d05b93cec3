namespace Hospes.Xm.Configuration;

/// <summary>A list or tuple.</summary>
internal sealed record ListValue(IReadOnlyList<ConfigValue> Items) : ConfigValue
{
    public override string Describe() => $"[{string.Join(", ", Items.Select(item => item.Describe()))}]";
}
