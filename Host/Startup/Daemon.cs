using Hospes.Host.Api;
using Hospes.Host.BootLoader;
using Hospes.Host.Devices;
using Hospes.Host.Devices.Block;
using Hospes.Host.Devices.Network;
using Hospes.Host.Domains;
using Hospes.Host.Domains.Adoption;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Machine;
using Hospes.Host.Native;
using Hospes.Host.Networks;
using Hospes.Host.Scheduling;
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
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = StopTime);
        AddLogging(builder, options);
        AddServices(builder.Services, options);
        AddApi(builder, options);
        WebApplication daemon = builder.Build();
        daemon.UseMiddleware<FaultMiddleware>();
        daemon.UseRouting();
        ApiEndpoints.Map(daemon);
        return daemon;
    }

    private static void AddLogging(WebApplicationBuilder builder, DaemonOptions options)
    {
        bool toJournal = options.Verbose || Environment.GetEnvironmentVariable("JOURNAL_STREAM") is { Length: > 0 }
            || (!options.InBackground && Environment.GetEnvironmentVariable("NOTIFY_SOCKET") is { Length: > 0 });
        RotatingFile file = new(options.Paths.XendLog);
        builder.Logging.AddProvider(new XendLoggerProvider(file, TimeProvider.System, toJournal ? Console.Error : null));
        builder.Logging.SetMinimumLevel(LogLevel.Debug);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
    }

    private static void AddServices(IServiceCollection services, DaemonOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Paths);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(_ => new HypervisorRing(options.Paths.MessageFile));
        services.AddSingleton<MemoryLedger>(_ => new MemoryLedger());
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
                HostTopology.Read(),
                SchedulerService.DefaultGrace,
                provider.GetRequiredService<ILogger<SchedulerService>>(),
                provider.GetRequiredService<HypervisorRing>().Say);
        });
        services.AddSingleton<IStateFiles, StateFiles>();
        services.AddSingleton(new FaultPoints(Environment.GetEnvironmentVariable(FaultPoints.Variable)));
        services.AddSingleton<DomainTable>();
        services.AddSingleton<DomainRecords>();
        services.AddSingleton<ApplianceMemory>();
        services.AddSingleton<DomainStore>();
        services.AddSingleton<BootPreparation>();
        services.AddSingleton<BlockClaims>();
        services.AddSingleton(new MountTable());
        services.AddSingleton(static provider =>
            BlockConfiguration.Read(Path.Combine(provider.GetRequiredService<HostPaths>().Configuration, "xend-config.sxp")));
        services.AddSingleton<BlockScripts>();
        services.AddSingleton<IDeviceClass, BlockClass>();
        services.AddSingleton<NetworkConfiguration>(static provider =>
            NetworkConfiguration.Read(Path.Combine(provider.GetRequiredService<HostPaths>().Configuration, "xend-config.sxp")));
        services.AddSingleton<NetworkIdentity>();
        services.AddSingleton<ScriptRunner>();
        services.AddSingleton<NetworkService>();
        services.AddSingleton<VifClaims>();
        services.AddSingleton<IDeviceClass, VifClass>();
        services.AddSingleton<DeviceStore>();
        services.AddSingleton<DeviceManager>();
        services.AddSingleton<DeviceTraffic>();
        services.AddSingleton<DeviceHandlers>();
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
        services.AddSingleton<DomainHandlers>();
        services.AddSingleton<SchedulerHandlers>();
        services.AddSingleton<HostHandlers>();
        services.AddHostedService<XenstoreHostedService>();
        services.AddHostedService<SchedulerHostedService>();
        services.AddHostedService(static provider => provider.GetRequiredService<NetworkService>()); // stopped after the domains are
        services.AddHostedService<DomainSupervisorService>();
        services.AddHostedService<ReadinessService>();
    }

    private static void AddApi(WebApplicationBuilder builder, DaemonOptions options)
    {
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        builder.Services.Configure<SocketTransportOptions>(static transport =>
            transport.CreateBoundListenSocket = static endpoint => OwnerOnlySocket.Listen(endpoint.ToString()!, backlog: 128));
        builder.Services.Configure<KestrelServerOptions>(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ApiContext.MaximumReceived;
            kestrel.ListenUnixSocket(options.Paths.ApiSocket);
        });
    }
}
