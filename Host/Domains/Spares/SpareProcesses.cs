using Hospes.Host.Domains.Processes;
using Hospes.Host.Logging;
using Hospes.Host.Startup;
using Hospes.Host.Startup.Configuration;

namespace Hospes.Host.Domains.Spares;

/// <summary>
/// Keeps one process ready for the next domain, if <c>spare-domain-process</c> wants it. Never more than one: of many domains that are made at once, the
/// others start theirs themselves. Any thread.
/// </summary>
internal sealed class SpareProcesses(
    HostPaths paths, AppliancePlugins plugins, DomainProcessStarter starter, XendConfiguration configuration, ILogger<SpareProcesses> log)
{
    private readonly Lock _lock = new();
    private readonly bool _isWanted = configuration.Flag(XendParameters.SpareProcess);
    private SpareProcess? _spare;
    private bool _isEnding;

    private ProgramStamp Stamp => ProgramStamp.Now([plugins.Path, .. plugins.Assemblies]);

    /// <summary>Starts one unless there is one. Nothing is wrong if that fails: domains then start theirs.</summary>
    public void Prepare()
    {
        lock (_lock)
        {
            if (!_isWanted || _isEnding || _spare is { Ended.IsCompleted: false })
                return;
            _spare?.Dispose();
            _spare = null;
            try
            {
                _spare = SpareProcess.Start(paths, plugins.Path, starter, Stamp);
            }
            catch (IOException failure)
            {
                log.Warning($"no process is kept ready for the next domain: {failure.Message}");
            }
        }
    }

    /// <summary>The one there is, which is the caller's now; null: there is none, or it was made of other programs than there are now.</summary>
    public SpareProcess? Take()
    {
        SpareProcess? spare;
        lock (_lock)
        {
            spare = _spare;
            _spare = null;
        }

        if (spare is null || spare.Stamp == Stamp)
            return spare;
        spare.Dispose();
        return null;
    }

    /// <summary>Ends the one there is and waits for that; from now on there is none.</summary>
    public async Task EndAsync()
    {
        SpareProcess? spare;
        lock (_lock)
        {
            _isEnding = true;
            spare = _spare;
            _spare = null;
        }

        if (spare is null)
            return;
        spare.Dispose();
        await spare.Ended;
    }
}
