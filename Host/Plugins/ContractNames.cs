using System.Text.Json;

namespace Hospes.Host.Plugins;

/// <summary>What contracts are called in reports.</summary>
internal static class ContractNames
{
    /// <summary>The interface's name without its I, in lower case with hyphens: <c>console-backend</c>.</summary>
    internal static string Of(Type contract) => JsonNamingPolicy.KebabCaseLower.ConvertName(contract.Name[1..]);
}
