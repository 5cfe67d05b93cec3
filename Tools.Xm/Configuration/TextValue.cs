namespace Hospes.Xm.Configuration;

/// <summary>A string.</summary>
internal sealed record TextValue(string Text) : ConfigValue
{
    public override string Describe() => $"'{Text}'";
}
