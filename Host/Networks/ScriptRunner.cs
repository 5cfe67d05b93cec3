using Hospes.Host.Plugins;
using Hospes.Host.Startup;
using Hospes.Sdk.Networking;

namespace Hospes.Host.Networks;

/// <summary>Runs network and vif scripts: plugins by their names, anything else from the scripts folder.</summary>
internal sealed class ScriptRunner(HostPaths paths, AppliancePlugins plugins, NetworkConfiguration configuration)
{
    private static readonly PluginOperation Starting = new("set the network up") { Answers = [typeof(IOException), typeof(FormatException)] };
    private static readonly PluginOperation Stopping = new("take the network down") { Answers = [typeof(IOException), typeof(FormatException)] };
    private static readonly PluginOperation Connecting = new("connect an interface") { Answers = [typeof(IOException), typeof(FormatException)] };
    private static readonly PluginOperation Disconnecting = new("disconnect an interface") { Answers = [typeof(IOException), typeof(FormatException)] };

    private readonly ScriptFolder _folder = new(Path.Combine(paths.Configuration, "scripts"), paths, configuration.ScriptTimeout);

    /// <exception cref="XendException">It failed.</exception>
    public Task StartNetworkAsync(ScriptLine script, NetworkRequest request, CancellationToken cancellation) =>
        NetworkAsync(script, Starting, "start", network => network.Start(request), cancellation);

    /// <exception cref="XendException">It failed.</exception>
    public Task StopNetworkAsync(ScriptLine script, NetworkRequest request, CancellationToken cancellation) =>
        NetworkAsync(script, Stopping, "stop", network => network.Stop(request), cancellation);

    /// <summary>Connects an interface.</summary>
    /// <param name="script">By what.</param>
    /// <param name="vif">The interface.</param>
    /// <param name="backPath">Its back-end's directory, from which scripts read what they want to know.</param>
    /// <param name="cancellation">Whoever asked has gone.</param>
    /// <exception cref="XendException">It failed; the message has the script's own words.</exception>
    public async Task<VifPlacement> OnlineAsync(ScriptLine script, VifRequest vif, string backPath, CancellationToken cancellation)
    {
        if (plugins.VifScript(script.Name) is not var (plugin, guard))
        {
            await _folder.RunVifAsync(script, "online", vif.Interface, backPath, cancellation);
            return new VifPlacement(vif.Bridge, vif.Addresses);
        }

        return await GuardAsync(script, async () =>
            await guard.CallAsync(Connecting, _ => ValueTask.FromResult(plugin.Online(vif)), vif.Domain, cancellation));
    }

    /// <summary>Disconnects an interface.</summary>
    /// <exception cref="XendException">It failed.</exception>
    public async Task OfflineAsync(ScriptLine script, VifRequest vif, string backPath)
    {
        if (plugins.VifScript(script.Name) is not var (plugin, guard))
        {
            await _folder.RunVifAsync(script, "offline", vif.Interface, backPath, CancellationToken.None);
            return;
        }

        await GuardAsync(script, async () => await guard.CallAsync(Disconnecting, _ =>
        {
            plugin.Offline(vif);
            return ValueTask.FromResult(true);
        }, vif.Domain, CancellationToken.None));
    }

    /// <summary>Refuses a script that is neither.</summary>
    /// <exception cref="XendException">There is none of that name.</exception>
    public void RequireVifScript(ScriptLine script)
    {
        if (plugins.VifScript(script.Name) is null)
            _folder.Find(script.Name, plugins.VifScripts);
    }

    /// <summary>Where a script stands, for the store; a plugin where Xen's script of that name would.</summary>
    public string PathOf(ScriptLine script) => _folder.PathOf(script.Name);

    private async Task NetworkAsync(ScriptLine script, PluginOperation operation, string word, Action<INetworkScript> call, CancellationToken cancellation)
    {
        if (plugins.NetworkScript(script.Name) is not var (plugin, guard))
        {
            _folder.Find(script.Name, plugins.NetworkScripts);
            await _folder.RunAsync(script, word, [], cancellation);
            return;
        }

        await GuardAsync(script, async () => await guard.CallAsync(operation, _ =>
        {
            call(plugin);
            return ValueTask.FromResult(true);
        }, null, cancellation));
    }

    private static async Task<T> GuardAsync<T>(ScriptLine script, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception failure) when (failure is IOException or FormatException or PluginFailureException)
        {
            throw XendException.Generic($"{script.Name}: {failure.Message}", failure);
        }
    }
}
