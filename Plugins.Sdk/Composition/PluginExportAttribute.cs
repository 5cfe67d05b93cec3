using System.Composition;

namespace Hospes.Sdk.Composition;

/// <summary>
/// Base of the attributes by which a class says what it is: a MEF export of one contract under one name. The name is what a person writes in a
/// configuration (<c>sched=credit</c>, <c>engine = "translator"</c>), lower case, unique among exports of the same contract.
/// </summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public abstract class PluginExportAttribute(Type contract, string name) : ExportAttribute(contract)
{
    /// <summary>The name users write.</summary>
    public string Name { get; } = name;
}
