namespace Hospes.Host.Startup;

/// <summary>How a client's wish to stop the daemon reaches those who do it. Domains run on unless it says otherwise.</summary>
internal sealed class StopRequest(IHostApplicationLifetime lifetime)
{
    private volatile bool _destroyDomains;

    /// <summary>Whether the stop is to take all domains away.</summary>
    public bool DestroyDomains => _destroyDomains;

    /// <summary>Begins the stop.</summary>
    public void Ask(bool destroyDomains)
    {
        _destroyDomains = destroyDomains;
        lifetime.StopApplication();
    }
}
