using System.Composition;
using System.Composition.Hosting;
using System.Reflection;
using Hospes.Sdk.Composition;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Plugins;

/// <summary>A plugin's loaded assembly and the MEF container over its parts.</summary>
internal sealed class PluginContainer : IDisposable
{
    private readonly PluginLoader _loader;
    private readonly Assembly _assembly;
    private CompositionHost? _host;

    /// <exception cref="BadImageFormatException">The assembly cannot be loaded.</exception>
    /// <exception cref="FileLoadException">The assembly cannot be loaded.</exception>
    internal PluginContainer(string path, bool isUnloadable)
    {
        _loader = PluginLoader.CreateFromAssemblyFile(path, SharedAssemblies.Types, config => config.IsUnloadable = isUnloadable);
        _assembly = _loader.LoadDefaultAssembly();
    }

    /// <summary>An exporting class.</summary>
    /// <exception cref="TypeLoadException">It cannot be loaded.</exception>
    /// <exception cref="FileNotFoundException">Something it is made of cannot be loaded.</exception>
    internal Type Find(string name) => _assembly.GetType(name, throwOnError: true)!;

    /// <summary>Builds the container of all parts that the assembly has; runs none of their code.</summary>
    /// <param name="exports">The classes that are to be made by <see cref="Make"/>.</param>
    /// <param name="logging">Offered to parts that import it.</param>
    /// <exception cref="ReflectionTypeLoadException">Some type of the assembly cannot be loaded.</exception>
    internal void Compose(IReadOnlyCollection<Type> exports, ILoggerFactory logging)
    {
        // A part of the plugin's own, which an export imports. Other contracts' faulty exports stay out.
        IEnumerable<Type> helpers = _assembly.GetTypes().Where(type =>
            type.IsDefined(typeof(ExportAttribute), inherit: false) && !type.IsDefined(typeof(PluginExportAttribute), inherit: false));
        _host = new ContainerConfiguration().WithParts(helpers.Concat(exports), new PluginPartModel(exports)).WithExport(logging).CreateContainer();
    }

    /// <summary>Makes an object of an exporting class. Runs the plugin's code.</summary>
    internal object Make(Type export) => _host!.GetExport(export);

    public void Dispose()
    {
        _host?.Dispose();
        _loader.Dispose();
    }
}
