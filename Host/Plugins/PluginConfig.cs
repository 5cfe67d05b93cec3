using System.Reflection;

namespace Hospes.Host.Plugins;

/// <summary>How a plugin assembly is loaded. Of the same shape as the class of this name in McMaster.NETCore.Plugins.</summary>
internal sealed class PluginConfig(string mainAssemblyPath)
{
    /// <summary>The plugin's assembly.</summary>
    internal string MainAssemblyPath { get; } = mainAssemblyPath;

    /// <summary>Assemblies of the host that the plugin uses too.</summary>
    internal ICollection<AssemblyName> SharedAssemblies { get; } = [];

    /// <summary>
    /// Whether the plugin can be unloaded. What can be unloaded runs slower: the runtime ignores its precompiled code and reaches its statics by a
    /// detour. A process that lives as long as its plugins turns this off.
    /// </summary>
    internal bool IsUnloadable { get; set; } = true;
}
