namespace Hospes.Hypervisor.Builders;

/// <summary>A domain cannot be built from what its configuration names. The message is for the person who wrote the configuration.</summary>
public sealed class DomainBuildException : Exception
{
    /// <summary>Says what could not be built, from what, and why.</summary>
    public DomainBuildException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
