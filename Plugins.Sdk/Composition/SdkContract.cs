namespace Hospes.Sdk.Composition;

/// <summary>The version of the contracts in this assembly. A plugin built against another version is refused at start.</summary>
public static class SdkContract
{
    /// <summary>Raised by one with every change that an existing plugin would notice.</summary>
    public const int Version = 1;
}
