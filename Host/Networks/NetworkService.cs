using Hospes.Host.Domains;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Logging;
using Hospes.Sdk.Networking;

namespace Hospes.Host.Networks;

/// <summary>
/// Starts and stops the network script: at the start of the appliance when the configuration names one, else with the first interface that needs it;
/// at the end unless domains run on. What cannot be started is said when an interface asks for it, and guests without any never notice.
/// </summary>
internal sealed class NetworkService(
    HostPaths paths, DomainTable table, ScriptRunner scripts, NetworkConfiguration configuration, NetworkIdentity identity, ILogger<NetworkService> log)
    : IHostedService
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private bool _isUp;

    /// <summary>The words behind the network script's name, which vif scripts get too.</summary>
    public IReadOnlyDictionary<string, string> Arguments => configuration.NetworkScript?.Arguments ?? new Dictionary<string, string>(StringComparer.Ordinal);

    private bool AnyRunsOn => LeftDomain.Find(paths).Any(static left => LeftDomain.FindProcess(left.Directory) is not null);

    private string RecordPath => Path.Combine(identity.StateDirectory, "started");

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await ClearAsync(cancellationToken);
            if (configuration.IsChosen)
                await RequireAsync(cancellationToken);
        }
        catch (XendException failure)
        {
            log.Warning($"{failure.Message} Guests without interfaces run all the same.");
        }
    }

    /// <summary>Sees to it that the network is up.</summary>
    /// <exception cref="XendException">It cannot be.</exception>
    public async Task RequireAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            if (_isUp || configuration.NetworkScript is not { } script)
                return;
            await scripts.StartNetworkAsync(script, Request(script), cancellation);
            await File.WriteAllTextAsync(RecordPath, script.ToString(), cancellation);
            _isUp = true;
            log.Info($"network started: {script}");
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (!_isUp || configuration.NetworkScript is not { } script)
            return;
        if (table.All.Any() || AnyRunsOn)
        {
            log.Info($"the network stays up for domains that run on: {script}");
            return;
        }

        await StopAsync(script, cancellationToken);
    }

    /// <summary>Ends what an earlier xend has started and this one will not, or not the same way.</summary>
    private async Task ClearAsync(CancellationToken cancellation)
    {
        if (!File.Exists(RecordPath))
            return;
        string before = await File.ReadAllTextAsync(RecordPath, cancellation);
        if (configuration.NetworkScript?.ToString() == before)
        {
            // The same: a start makes right what a crash has left. Without domains there may never be one, so it is ended here.
            if (!configuration.IsChosen && !AnyRunsOn)
                await StopAsync(ScriptLine.Parse(before), cancellation);
            return;
        }

        await StopAsync(ScriptLine.Parse(before), cancellation);
    }

    private async Task StopAsync(ScriptLine script, CancellationToken cancellation)
    {
        try
        {
            await scripts.StopNetworkAsync(script, Request(script), cancellation);
            File.Delete(RecordPath);
            _isUp = false;
            log.Info($"network stopped: {script}");
        }
        catch (XendException failure)
        {
            log.Warning(failure.Message);
        }
    }

    private NetworkRequest Request(ScriptLine script) =>
        new() { Owner = identity.Owner, StateDirectory = identity.StateDirectory, Arguments = script.Arguments };
}
