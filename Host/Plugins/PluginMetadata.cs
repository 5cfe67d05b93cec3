using System.Reflection;

namespace Hospes.Host.Plugins;

/// <summary>What can be known about an assembly without running any of it.</summary>
/// <param name="Name">Its name and version.</param>
/// <param name="ContractVersion">The contract version it was built against; null: it does not say, and is no plugin.</param>
/// <param name="Exports">What it exports.</param>
/// <param name="References">The assemblies it needs.</param>
internal sealed record PluginMetadata(AssemblyName Name, int? ContractVersion, IReadOnlyList<ExportMetadata> Exports, IReadOnlyList<AssemblyName> References);
