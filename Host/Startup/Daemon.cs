using Hospes.Host.Api;
using Hospes.Host.Api.Legacy;
using Hospes.Host.Api.Listeners;
using Hospes.Host.BootLoader;
using Hospes.Host.Devices;
using Hospes.Host.Devices.Block;
using Hospes.Host.Devices.Network;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Adoption;
using Hospes.Host.Domains.Kernels;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Spares;
using Hospes.Host.Dumps;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Managed;
using Hospes.Host.Networks;
using Hospes.Host.Scheduling;
using Hospes.Host.Security;
using Hospes.Host.Startup.Configuration;
using Hospes.Host.State;
using Hospes.Host.Xenstore;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Hospes.Host.Startup;

/// <summary>
/// The composition of the control plane. Services start in the order in which they are registered, the web server after all of them, and stop in the
/// opposite order: while somebody can ask, everything is there to answer.
/// </summary>
internal static class Daemon
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(30);

    /// <summary>Composes a daemon that is not started yet.</summary>
    public static WebApplication Build(DaemonOptions options)
    {
        // Empty: no appsettings.json of the working directory, no ASPNETCORE_* variables decide anything here.
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = "xend",
            ContentRootPath = AppContext.BaseDirectory,
        });
        XendConfiguration configuration = XendConfiguration.Read(ConfigurationFile(options.Paths));
        Domain0Cpus cpus = new(configuration.Number(XendParameters.Dom0Cpus));
        cpus.Confine();
        builder.Services.AddSingleton(cpus);
        SocketAccess access = new(configuration);
        ApiListeners listeners = new(options.Paths, configuration, access);
        builder.Services.AddSingleton(configuration);
        builder.Services.AddSingleton(access);
        builder.Services.AddSingleton(listeners);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        AddLogging(builder, options, configuration);
        AddServices(builder.Services, options);
        builder.Services.AddSingleton(provider => new KeptDomainFiles(
            options.Paths.Below(configuration.Text(XendParameters.DomainsPath)), provider.GetRequiredService<IStateFiles>()));
        builder.Services.AddSingleton(new MemoryLedger(dom0MinimumMiB: configuration.Number(XendParameters.Dom0MinMem)));
        AddApi(builder, listeners);
        WebApplication daemon = builder.Build();
        daemon.UseMiddleware<InterfaceMiddleware>();
        daemon.UseMiddleware<FaultMiddleware>();
        daemon.UseRouting();
        ApiEndpoints.Map(daemon);
        return daemon;
    }

    /// <summary>The file that configures an appliance: <c>XEND_CONFIG</c> (fact sheet "xend", section 1), else the one below its root.</summary>
    private static string ConfigurationFile(HostPaths paths) =>
        Environment.GetEnvironmentVariable("XEND_CONFIG") is { Length: > 0 } named ? Path.GetFullPath(named) : paths.ConfigurationFile;

    private static void AddLogging(WebApplicationBuilder builder, DaemonOptions options, XendConfiguration configuration)
    {
        bool hasJournal = Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 };
        bool toError = options.Verbose || hasJournal
            || (!options.InBackground && Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 });
        RotatingFile file = new(configuration.LogFile(options.Paths));
        builder.Logging.AddProvider(new XendLoggerProvider(
            file, TimeProvider.System, toError ? Console.Error : null, hasJournal && !options.Verbose ? JournalSocket.TryOpen() : null));
        builder.Logging.SetMinimumLevel(XendLevels.Parse(configuration.Text(XendParameters.LogLevel)));
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private static void AddServices(IServiceCollection services, DaemonOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Paths);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new HypervisorRing(options.Paths.MessageFile));
        services.AddSingleton<MachineInformation>(provider => new MachineInformation(provider.GetRequiredService<MemoryLedger>()));
        services.AddSingleton<StopRequest>();
        services.AddSingleton<AppliancePlugins>();
        services.AddSingleton(provider => new XenstoreServer(
            logger: provider.GetRequiredService<ILogger<XenstoreServer>>(), journal: options.Paths.XenstoreFile));
        services.AddSingleton(provider =>
        {
            AppliancePlugins plugins = provider.GetRequiredService<AppliancePlugins>();
            string name = plugins.StartingScheduler(options.Boot, provider.GetRequiredService<ApplianceMemory>().Scheduler);
            return new SchedulerService(
                plugins.CreateScheduler(name),
                name,
                provider.GetRequiredService<Domain0Cpus>().Topology,
                SchedulerService.DefaultGrace,
                provider.GetRequiredService<ILogger<SchedulerService>>(),
                provider.GetRequiredService<HypervisorRing>().Say);
        });
        services.AddSingleton<IStateFiles, StateFiles>();
        services.AddSingleton(new FaultPoints(Environment.GetEnvironmentVariable(FaultPoints.Variable)));
        services.AddSingleton<DomainTable>();
        services.AddSingleton<CoreDumps>();
        services.AddSingleton<DumpHandlers>();
        services.AddSingleton<EventHandlers>();
        services.AddSingleton<KeptDomains>();
        services.AddSingleton<KeptListing>();
        services.AddSingleton<ManagedOperations>();
        services.AddSingleton<ManagedHandlers>();
        services.AddSingleton<DomainRecords>();
        services.AddSingleton<ApplianceMemory>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<SecurityService>();
        services.AddSingleton<SecurityAdministration>();
        services.AddSingleton<SecurityCheck>();
        services.AddSingleton<NetworkLabels>();
        services.AddSingleton<SharingPeers>();
        services.AddSingleton<SecurityText>();
        services.AddSingleton<SecurityHandlers>();
        services.AddSingleton<DomainStore>();
        services.AddSingleton<BootPreparation>();
        services.AddSingleton<BlockClaims>();
        services.AddSingleton(new MountTable());
        services.AddSingleton<BlockScripts>();
        services.AddSingleton<IDeviceClass, BlockClass>();
        services.AddSingleton<NetworkConfiguration>();
        services.AddSingleton<NetworkIdentity>();
        services.AddSingleton<ScriptRunner>();
        services.AddSingleton<NetworkService>();
        services.AddSingleton<VifClaims>();
        services.AddSingleton<IDeviceClass, VifClass>();
        services.AddSingleton<DeviceStore>();
        services.AddSingleton<DeviceManager>();
        services.AddSingleton<DeviceTraffic>();
        services.AddSingleton<DeviceHandlers>();
        services.AddSingleton<KernelCache>();
        services.AddSingleton<DomainProcessStarter>();
        services.AddSingleton<SpareProcesses>();
        services.AddSingleton<DomainProcessLauncher>();
        services.AddSingleton<DomainAttacher>();
        services.AddSingleton<DomainTeardown>();
        services.AddSingleton<DomainCreator>();
        services.AddSingleton<DomainLifecycle>();
        services.AddSingleton<StoreSweep>();
        services.AddSingleton<DomainAdopter>();
        services.AddSingleton<DomainAdoption>();
        services.AddSingleton<DomainOperations>();
        services.AddSingleton<DomainShares>();
        services.AddSingleton<DomainListing>();
        services.AddSingleton<DomainForms>();
        services.AddSingleton<DomainHandlers>();
        services.AddSingleton<LegacyOperations>();
        services.AddSingleton<DomainChanges>();
        services.AddSingleton<Api.XmlRpc.XmlRpcMethods>();
        services.AddSingleton<Api.XmlRpc.XmlRpcHandlers>();
        services.AddSingleton<Api.Sxp.SxpOperations>();
        services.AddSingleton<Api.Sxp.SxpHandlers>();
        services.AddSingleton<SchedulerHandlers>();
        services.AddSingleton<HostHandlers>();
        services.AddHostedService<XenstoreHostedService>();
        services.AddHostedService<SchedulerHostedService>();
        services.AddHostedService(static provider => provider.GetRequiredService<NetworkService>()); // stopped after the domains are
        services.AddHostedService<DomainSupervisorService>();
        services.AddHostedService<AutostartService>();
        services.AddHostedService<ReadinessService>();
    }

    private static void AddApi(WebApplicationBuilder builder, ApiListeners listeners)
    {
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.Configure<SocketTransportOptions>(transport =>
        {
            transport.CreateBoundListenSocket = listeners.Listen;
            transport.Backlog = ApiListeners.Backlog;
        });
        builder.Services.Configure<KestrelServerOptions>(listeners.Configure);
    }
}
