namespace Hospes.Host.DomainProcess;

/// <summary>No engine can run the domain here.</summary>
internal sealed class DomainEngineException(string message) : Exception(message);
