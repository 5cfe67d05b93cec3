namespace Hospes.Host.Plugins;

/// <summary>What is wrong with an emitted export, or unusual.</summary>
public enum Fault
{
    None,
    NotImplementing,
    Abstract,
    ConstructorThrows,
    ConstructorHangs,
    ImportsTooMuch,

    /// <summary>No fault: its constructor imports what the host offers.</summary>
    ImportsLogging,
}
