namespace Hospes.Host.Startup;

/// <summary>How a client's wish to stop the daemon reaches those who do it. Domains run on unless it says otherwise.</summary>
internal sealed class StopRequest(IHostApplicationLifetime lifetime)
{
    private volatile bool _destroyDomains;
    private volatile bool _isReload;

    /// <summary>Whether the stop is to take all domains away.</summary>
    public bool DestroyDomains => _destroyDomains;

    /// <summary>Whether another daemon comes at once, so that no domain need do what its configuration wants as xend stops.</summary>
    public bool IsReload => _isReload;

    /// <summary>Begins the stop.</summary>
    public void Ask(bool destroyDomains, bool isReload)
    {
        _destroyDomains = destroyDomains;
        _isReload = isReload;
        lifetime.StopApplication();
    }
}
