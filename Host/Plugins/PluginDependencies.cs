using System.Reflection;
using System.Runtime.Loader;

namespace Hospes.Host.Plugins;

/// <summary>Finds a plugin's dependencies: by its <c>.deps.json</c> if it has one, and in its folder.</summary>
internal sealed class PluginDependencies
{
    private readonly AssemblyDependencyResolver _resolver;
    private readonly string _folder;

    /// <exception cref="InvalidOperationException">Its <c>.deps.json</c> is broken or names files that are not there.</exception>
    internal PluginDependencies(string assembly)
    {
        _resolver = new AssemblyDependencyResolver(assembly);
        _folder = Path.GetDirectoryName(assembly)!;
    }

    internal string? Find(AssemblyName name)
    {
        if (_resolver.ResolveAssemblyToPath(name) is { } path)
            return path;
        string beside = Path.Combine(_folder, $"{name.Name}.dll");
        return File.Exists(beside) ? beside : null;
    }

    internal string? FindNative(string name) => _resolver.ResolveUnmanagedDllToPath(name);
}
