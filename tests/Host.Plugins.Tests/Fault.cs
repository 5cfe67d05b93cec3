namespace Hospes.Host.Plugins;

/// <summary>What is wrong with an emitted export.</summary>
public enum Fault
{
    None,
    NotImplementing,
    Abstract,
    ConstructorThrows,
    ConstructorHangs,
}
