using System.Composition;
using System.Composition.Convention;
using System.Reflection;

namespace Hospes.Host.Plugins;

/// <summary>Parts are what their attributes say, and each export is also one under its own class, by which it is told from others of its contract.</summary>
internal sealed class PluginPartModel(IReadOnlyCollection<Type> exports) : AttributedModelProvider
{
    public override IEnumerable<Attribute> GetCustomAttributes(Type reflectedType, MemberInfo member)
    {
        IEnumerable<Attribute> declared = Attribute.GetCustomAttributes(member, inherit: false);
        return member is TypeInfo type && exports.Contains(type.AsType()) ? declared.Append(new ExportAttribute(type.AsType())) : declared;
    }

    public override IEnumerable<Attribute> GetCustomAttributes(Type reflectedType, ParameterInfo parameter) =>
        Attribute.GetCustomAttributes(parameter, inherit: false);
}
