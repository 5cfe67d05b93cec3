namespace Hospes.Host.Scheduling;

/// <summary>A scheduler plugin has thrown or answered what it must not.</summary>
internal sealed class SchedulingFaultException(string message, Exception? cause = null) : Exception(message, cause);
