using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Hospes.Sdk.Composition;

namespace Hospes.Host.Plugins;

/// <summary>
/// Reads an assembly's metadata tables (ECMA-335, partition II, section 22), so that a plugin is judged before any of its code can run. Attribute
/// classes are ours: they are looked up in the Sdk that this process has loaded.
/// </summary>
internal sealed class PluginMetadataReader
{
    private readonly MetadataReader _reader;

    private PluginMetadataReader(MetadataReader reader) => _reader = reader;

    /// <exception cref="BadImageFormatException">It is not a .NET assembly; the message says what it is not.</exception>
    internal static PluginMetadata Read(string path)
    {
        using FileStream file = File.OpenRead(path);
        using var image = new PEReader(file);
        if (!image.HasMetadata)
            throw new BadImageFormatException("it holds no .NET code");
        MetadataReader reader = image.GetMetadataReader();
        return reader.IsAssembly
            ? new PluginMetadataReader(reader).Read()
            : throw new BadImageFormatException("it is a .NET module, not an assembly");
    }

    /// <summary>The assemblies that the assembly at <paramref name="path"/> needs.</summary>
    /// <exception cref="BadImageFormatException">It is not a .NET assembly.</exception>
    internal static IReadOnlyList<AssemblyName> References(string path) => Read(path).References;

    private PluginMetadata Read() => new(
        _reader.GetAssemblyDefinition().GetAssemblyName(),
        ContractVersion(),
        [.. _reader.TypeDefinitions.SelectMany(Exports)],
        [.. _reader.AssemblyReferences.Select(handle => _reader.GetAssemblyReference(handle).GetAssemblyName())]);

    private int? ContractVersion() => SdkAttributes(_reader.GetAssemblyDefinition().GetCustomAttributes())
        .OfType<PluginContractAttribute>().FirstOrDefault()?.Version;

    private IEnumerable<ExportMetadata> Exports(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _reader.GetTypeDefinition(handle);
        return SdkAttributes(type.GetCustomAttributes()).OfType<PluginExportAttribute>()
            .Select(export => new ExportMetadata(FullName(type), export.ContractType!, export.Name));
    }

    private IEnumerable<object> SdkAttributes(CustomAttributeHandleCollection handles)
    {
        foreach (CustomAttributeHandle handle in handles)
        {
            CustomAttribute attribute = _reader.GetCustomAttribute(handle);
            if (SdkType(attribute) is { } type)
                yield return Make(type, attribute);
        }
    }

    // An attribute of the contracts is constructed by a member of a type in the assembly of the contracts.
    private Type? SdkType(CustomAttribute attribute)
    {
        if (attribute.Constructor.Kind != HandleKind.MemberReference)
            return null;
        EntityHandle parent = _reader.GetMemberReference((MemberReferenceHandle)attribute.Constructor).Parent;
        if (parent.Kind != HandleKind.TypeReference)
            return null;
        TypeReference type = _reader.GetTypeReference((TypeReferenceHandle)parent);
        if (type.ResolutionScope.Kind != HandleKind.AssemblyReference)
            return null;
        AssemblyReference assembly = _reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope);
        if (!_reader.StringComparer.Equals(assembly.Name, SharedAssemblies.Sdk.GetName().Name!))
            return null;
        Type? found = SharedAssemblies.Sdk.GetType(AttributeTypeNames.FullName(_reader, type.Namespace, type.Name));
        return found is { IsAbstract: false } && typeof(Attribute).IsAssignableFrom(found) ? found : null;
    }

    // Runs the Sdk's constructor, not the plugin's. The plugin may have been built against a constructor that ours has not.
    private static object Make(Type type, CustomAttribute attribute)
    {
        object?[] arguments = [.. attribute.DecodeValue(new AttributeTypeNames()).FixedArguments.Select(argument => argument.Value)];
        try
        {
            return Activator.CreateInstance(type, arguments)!;
        }
        catch (MissingMethodException)
        {
            throw new BadImageFormatException($"its attribute {type.Name} has arguments that the contracts do not know");
        }
    }

    private string FullName(TypeDefinition type)
    {
        TypeDefinitionHandle outer = type.GetDeclaringType();
        return outer.IsNil
            ? AttributeTypeNames.FullName(_reader, type.Namespace, type.Name)
            : $"{FullName(_reader.GetTypeDefinition(outer))}+{_reader.GetString(type.Name)}";
    }
}
