using System.Reflection;
using System.Runtime.Loader;

namespace Hospes.Host.Plugins;

/// <summary>
/// Where a plugin's assemblies live. A name is looked for among the shared ones, beside the plugin, in the .NET runtime, in this order, and nowhere
/// else: the host's own libraries are none of a plugin's business.
/// </summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private readonly PluginDependencies _dependencies;
    private readonly HashSet<string> _shared;

    internal PluginLoadContext(PluginConfig config)
        : base(Path.GetFileNameWithoutExtension(config.MainAssemblyPath), config.IsUnloadable)
    {
        _dependencies = new PluginDependencies(config.MainAssemblyPath);
        _shared = [.. config.SharedAssemblies.Select(name => name.Name!)];
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        // Whatever version the plugin was built against: the contract's version has been compared before, and there can be only one.
        if (_shared.Contains(assemblyName.Name!))
            return Default.LoadFromAssemblyName(new AssemblyName(assemblyName.Name!));
        if (_dependencies.Find(assemblyName) is { } path)
            return LoadFromAssemblyPath(path);
        // Null leaves it to the default context, which would also find what belongs to the host.
        return SharedAssemblies.IsRuntime(assemblyName)
            ? null
            : throw new FileNotFoundException($"{assemblyName.Name} {assemblyName.Version} is neither beside the plugin nor part of .NET", assemblyName.Name);
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _dependencies.FindNative(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;
}
