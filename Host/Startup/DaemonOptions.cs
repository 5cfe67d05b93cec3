namespace Hospes.Host.Startup;

/// <summary>How the daemon was started.</summary>
/// <param name="Paths">Where its files are.</param>
/// <param name="PluginsFile">Which plugins to load.</param>
/// <param name="InBackground">Started by <c>xend start</c>: only faults go to its standard error, which is a file.</param>
/// <param name="Verbose">Everything that is logged goes to standard error too.</param>
/// <param name="Boot">Words for the hypervisor.</param>
internal sealed record DaemonOptions(HostPaths Paths, string PluginsFile, bool InBackground, bool Verbose, BootOptions Boot);
