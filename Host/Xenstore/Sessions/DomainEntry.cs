namespace Hospes.Host.Xenstore.Sessions;

/// <summary>A domain as the store sees it. Guarded by the store's lock.</summary>
internal sealed class DomainEntry(ClientSession session)
{
    public ClientSession Session => session;

    /// <summary>Carries the session's messages at present, if anything does.</summary>
    public StreamPump? Pump { get; set; }

    public bool IsIntroduced { get; set; }

    /// <summary>True once its shutdown was announced; a resume arms that again.</summary>
    public bool IsShutDown { get; set; }
}
