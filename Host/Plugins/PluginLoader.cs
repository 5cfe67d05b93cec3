using System.Reflection;

namespace Hospes.Host.Plugins;

/// <summary>
/// Loads a plugin's assembly into a context of its own. Of the same shape as the class of this name in McMaster.NETCore.Plugins, as far as it is used
/// here.
/// </summary>
internal sealed class PluginLoader : IDisposable
{
    private readonly PluginConfig _config;
    private readonly PluginLoadContext _context;

    private PluginLoader(PluginConfig config)
    {
        _config = config;
        _context = new PluginLoadContext(config);
    }

    /// <summary>Prepares to load a plugin; runs none of its code.</summary>
    /// <param name="assemblyFile">Its main assembly.</param>
    /// <param name="sharedTypes">Types whose assemblies the plugin takes from the host.</param>
    /// <param name="configure">Changes how it is loaded.</param>
    internal static PluginLoader CreateFromAssemblyFile(string assemblyFile, Type[] sharedTypes, Action<PluginConfig>? configure = null)
    {
        var config = new PluginConfig(Path.GetFullPath(assemblyFile));
        foreach (Type type in sharedTypes)
            config.SharedAssemblies.Add(type.Assembly.GetName());
        configure?.Invoke(config);
        return new PluginLoader(config);
    }

    /// <summary>Whether <see cref="Dispose"/> frees what was loaded.</summary>
    internal bool IsUnloadable => _config.IsUnloadable;

    /// <summary>The plugin's main assembly.</summary>
    internal Assembly LoadDefaultAssembly() => _context.LoadFromAssemblyPath(_config.MainAssemblyPath);

    /// <summary>An assembly as the plugin sees it.</summary>
    internal Assembly LoadAssembly(AssemblyName name) => _context.LoadFromAssemblyName(name);

    /// <summary>Unloads the plugin as soon as nothing refers to it any more, if it can be unloaded.</summary>
    public void Dispose()
    {
        if (IsUnloadable)
            _context.Unload();
    }
}
