using System.Composition;
using System.Reflection;
using Hospes.Sdk.Composition;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Plugins;

/// <summary>What a plugin has in common with the host; everything else is its own copy, of whatever version it likes.</summary>
internal static class SharedAssemblies
{
    /// <summary>A type out of each: the contracts, the MEF attributes they derive from, and the logging abstractions.</summary>
    internal static readonly Type[] Types = [typeof(SdkContract), typeof(ExportAttribute), typeof(ILogger)];

    /// <summary>The assembly that defines the contracts.</summary>
    internal static Assembly Sdk => typeof(SdkContract).Assembly;

    /// <summary>The .NET runtime's own folder; its assemblies exist once per process.</summary>
    private static readonly string RuntimeFolder = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

    /// <summary>True for an assembly that comes with the .NET runtime itself.</summary>
    internal static bool IsRuntime(AssemblyName name) => File.Exists(Path.Combine(RuntimeFolder, $"{name.Name}.dll"));
}
