using System.Composition;
using System.Composition.Hosting;
using System.Reflection;
using Hospes.Sdk.Composition;
using Microsoft.Extensions.Logging;

namespace Hospes.Host.Plugins;

/// <summary>
/// A plugin's loaded assembly, and the MEF container over its parts for those exports that import something; the others are made without it, which is
/// much quicker.
/// </summary>
internal sealed class PluginContainer : IDisposable
{
    private static readonly Type[] ImportAttributes = [typeof(ImportAttribute), typeof(ImportManyAttribute), typeof(OnImportsSatisfiedAttribute)];

    private readonly PluginLoader _loader;
    private readonly Assembly _assembly;
    private readonly List<IDisposable> _made = [];
    private Lazy<CompositionHost>? _host;

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

    /// <summary>Loads every type that the assembly has; runs none of its code.</summary>
    /// <exception cref="ReflectionTypeLoadException">Some type of the assembly cannot be loaded.</exception>
    internal void CheckTypes() => _assembly.GetTypes();

    /// <summary>Says which parts there are; runs none of their code.</summary>
    /// <param name="exports">The classes that are to be made by <see cref="Make"/>.</param>
    /// <param name="logging">Offered to parts that import it.</param>
    internal void Compose(IReadOnlyCollection<Type> exports, ILoggerFactory logging) => _host = new Lazy<CompositionHost>(() =>
    {
        // A part of the plugin's own, which an export imports. Other contracts' faulty exports stay out.
        IEnumerable<Type> helpers = _assembly.GetTypes().Where(type =>
            type.IsDefined(typeof(ExportAttribute), inherit: false) && !type.IsDefined(typeof(PluginExportAttribute), inherit: false));
        return new ContainerConfiguration().WithParts(helpers.Concat(exports), new PluginPartModel(exports)).WithExport(logging).CreateContainer();
    });

    /// <summary>Makes an object of an exporting class. Runs the plugin's code.</summary>
    internal object Make(Type export)
    {
        if (!IsPlain(export))
            return _host!.Value.GetExport(export);
        object made = Activator.CreateInstance(export, BindingFlags.Public | BindingFlags.Instance | BindingFlags.DoNotWrapExceptions, null, null, null)!;
        if (made is IDisposable disposable)
        {
            lock (_made)
                _made.Add(disposable);
        }

        return made;
    }

    /// <summary>Ends what was made, as the container does.</summary>
    public void Dispose()
    {
        lock (_made)
            _made.ForEach(static made => made.Dispose());
        if (_host is { IsValueCreated: true } host)
            host.Value.Dispose();
        _loader.Dispose();
    }

    // Nothing in it is the container's business: it imports nothing and is not shared.
    private static bool IsPlain(Type export) =>
        export.GetConstructors() is [var only] && only.GetParameters().Length == 0
        && !export.IsDefined(typeof(SharedAttribute), inherit: true)
        && !export.GetMembers(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance)
            .Any(static member => member is PropertyInfo or MethodInfo && Array.Exists(ImportAttributes, attribute => member.IsDefined(attribute, inherit: true)));
}
