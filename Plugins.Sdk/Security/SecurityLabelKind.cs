namespace Hospes.Sdk.Security;

/// <summary>What a label may be given to.</summary>
public enum SecurityLabelKind
{
    /// <summary>A domain.</summary>
    Domain,

    /// <summary>A resource.</summary>
    Resource,

    /// <summary>Either, and what stands for no label.</summary>
    Any,
}
