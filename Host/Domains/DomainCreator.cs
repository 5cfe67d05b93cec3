using Hospes.Host.BootLoader;
using Hospes.Host.Devices;
using Hospes.Host.DomainProcess;
using Hospes.Host.Domains.Adoption;
using Hospes.Host.Domains.Kernels;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Host.Logging;
using Hospes.Host.Scheduling;
using Hospes.Host.Security;
using Hospes.Host.Startup;
using Hospes.Host.State;
using Hospes.Host.Xenstore;
using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Schedulers;
using Hospes.Sdk.Security;

namespace Hospes.Host.Domains;

/// <summary>
/// Makes domains: number, store nodes, process, built memory, leases, introduction; at the end the domain exists and is paused. Whatever fails on the
/// way, or if the person who asked goes away, nothing of it stays.
/// </summary>
internal sealed class DomainCreator(
    HostPaths paths,
    AppliancePlugins plugins,
    DomainTable table,
    MemoryLedger ledger,
    DomainStore store,
    XenstoreServer xenstore,
    SchedulerService scheduler,
    DomainProcessLauncher launcher,
    DomainTeardown teardown,
    DeviceManager devices,
    BootPreparation boot,
    KernelCache kernels,
    DomainAttacher attacher,
    DomainRecords records,
    SecurityService security,
    SharingPeers peers,
    ApplianceMemory memory,
    FaultPoints faults,
    HypervisorRing ring,
    TimeProvider clock,
    ILogger<DomainCreator> log)
{
    /// <summary>Makes a domain.</summary>
    /// <param name="configuration">What it is to be.</param>
    /// <param name="restarts">What its earlier incarnations went through.</param>
    /// <param name="replaced">The incarnation that it replaces, whose parts are gone already.</param>
    /// <param name="prepared">Called with the domain's process before that may say anything.</param>
    /// <param name="cancellation">The person who asked has gone away.</param>
    /// <exception cref="XendException">It cannot be made; the message is for the person who asked.</exception>
    public async Task<ManagedDomain> CreateAsync(
        VmConfiguration configuration,
        RestartHistory restarts,
        ManagedDomain? replaced,
        Action<ManagedDomain, DomainProcessClient> prepared,
        CancellationToken cancellation)
    {
        plugins.RequireEngine(configuration.Engine);
        if (configuration.Tuning.Affinity.IsEmpty)
            configuration = configuration with { Tuning = TuningReader.Confine(configuration.Tuning, configuration.Cpus, configuration.Vcpus, scheduler.Pcpus) };
        string console = plugins.Console(configuration.Console);
        IReadOnlyList<DeviceConfiguration> wanted = DeviceManager.Number(devices.Read(configuration.Devices));
        PhaseClock phases = new(clock);
        ManagedDomain domain = table.Begin(configuration, restarts, clock.GetUtcNow(), replaced);
        memory.LastNumber = table.LastNumber;
        try
        {
            log.Info($"creating domain {domain}: {configuration.MemoryMiB} MiB, {configuration.Vcpus} vcpus, {(configuration.BootLoader is { } loader ? $"boot loader {loader}" : $"kernel {configuration.Kernel}")}");
            security.Admit(domain, SecurityOperation.DomainCreate);
            security.RequireDisks(domain, wanted);
            RequireMemory(domain);
            Directory.CreateDirectory(
                paths.Domain(domain.Id.Value), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            faults.Reach(FaultPoints.Create);
            domain.Planned = wanted;
            records.Write(domain);
            faults.Reach(FaultPoints.Create);
            phases.Mark("record");
            store.Write(domain);
            phases.Mark("store");
            faults.Reach(FaultPoints.Create);
            DomainLaunch launch = Launch(domain, await boot.PrepareAsync(domain, cancellation), console);

            // What a boot loader has found belongs to this domain alone.
            using KernelLoan? kernel = configuration.BootLoader is null ? kernels.Lend(launch.Domain.Kernel) : null;
            DomainProcessClient process = await Task.Run(() => launcher.Launch(launch, kernel?.File), cancellation);
            domain.Process = process;
            phases.Mark("process");
            faults.Reach(FaultPoints.Create);
            prepared(domain, process);
            devices.Listen(domain, process);
            peers.Listen(domain, process);
            process.Start();
            BuiltDomain built = await process.Built.WaitAsync(cancellation);
            kernel?.NoteBuilt();
            phases.Mark("built");
            faults.Reach(FaultPoints.Create);
            scheduler.Register(domain.Id, built.Leases, paused: true, configuration.Tuning, process.ProcessId);
            await attacher.AttachAsync(domain, process, cancellation);
            peers.Tell();
            faults.Reach(FaultPoints.Create);
            store.WriteRings(domain, built.Rings, launch.ConsoleSocket);
            phases.Mark("attached");
            foreach (DeviceConfiguration device in wanted)
                await devices.AttachAsync(domain, device, cancellation);
            xenstore.IntroduceDomain(domain.Id);
            phases.Mark("devices");
            cancellation.ThrowIfCancellationRequested();
            faults.Reach(FaultPoints.Create);
            Keep(domain);
            phases.Mark("kept");
            log.Debug($"domain {domain} made in {phases}");
            faults.Reach(FaultPoints.Create);
            ring.Say($"Domain {domain.Id} ({domain.Name}) has been created with {configuration.MemoryMiB} MiB.");
            return domain;
        }
        catch (Exception failure)
        {
            await teardown.RunAsync(domain);
            table.Remove(domain);
            log.Warning($"domain {domain} was not created: {failure.Message}");
            if (failure is IOException or InvalidDataException or UnauthorizedAccessException or XenstoreException or SchedulerParameterException)
                throw XendException.Generic($"Domain '{configuration.Name}' cannot be created: {failure.Message}", failure);
            throw;
        }
    }

    private void RequireMemory(ManagedDomain domain)
    {
        IEnumerable<(int ProcessId, long KiB)> promised = table.Promised(except: domain);
        if (ledger.Free(promised) < domain.MemoryTargetKiB)
            kernels.Clear();
        ledger.Require(domain.MemoryTargetKiB, promised);
    }

    // From the record on the domain is one that a later Host takes over; before, one that it takes away.
    private void Keep(ManagedDomain domain)
    {
        domain.Phase = DomainPhase.Live;
        try
        {
            records.Write(domain);
        }
        catch
        {
            domain.Phase = DomainPhase.Creating;
            throw;
        }
    }

    private DomainLaunch Launch(ManagedDomain domain, BootImage image, string console) => new()
    {
        PluginsFile = plugins.Path,
        ConsoleSocket = Path.Combine(paths.Domain(domain.Id.Value), DomainProcessLauncher.ConsoleSocketName),
        ConsoleLog = paths.ConsoleLog(domain.Name),
        Domain = new DomainConfiguration
        {
            DomainId = domain.Id.Value,
            Name = domain.Name,
            Uuid = domain.Uuid,
            Kind = DomainKind.Pvh,
            Kernel = image.Kernel,
            Ramdisk = image.Ramdisk,
            CommandLine = image.CommandLine,
            MemoryMiB = domain.Configuration.MemoryMiB,
            MaximumMemoryMiB = domain.Configuration.MaximumMemoryMiB,
            Vcpus = domain.Configuration.Vcpus,
            WallClockOffset = domain.Configuration.IsLocalTime ? (int)clock.LocalTimeZone.GetUtcOffset(clock.GetUtcNow()).TotalSeconds : 0,
            Engine = domain.Configuration.Engine,
            Console = console,
            ConsoleHistoryBytes = store.ConsoleLimit,
        },
    };
}
