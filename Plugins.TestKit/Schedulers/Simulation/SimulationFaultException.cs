namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>A scheduler has broken the contract of <see cref="Hospes.Sdk.Schedulers.IScheduler"/>; the message says how, and when.</summary>
public sealed class SimulationFaultException(string message) : Exception(message);
