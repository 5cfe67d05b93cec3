namespace Hospes.Host.Plugins;

/// <summary>An export as its plugin's metadata declares it.</summary>
/// <param name="Type">The exporting class's full name.</param>
/// <param name="Contract">The contract's interface.</param>
/// <param name="Name">The name users write.</param>
internal sealed record ExportMetadata(string Type, Type Contract, string Name)
{
    /// <summary>The contract as people are told of it: <c>scheduler 'credit'</c>.</summary>
    internal string Description => $"{ContractNames.Of(Contract)} '{Name}'";
}
