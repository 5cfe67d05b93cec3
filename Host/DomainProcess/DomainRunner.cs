using System.Net.Sockets;
using Hospes.Host.DomainProcess.Control;
using Hospes.Host.DomainProcess.Devices;
using Hospes.Host.Logging;
using Hospes.Host.Plugins;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Domains;
using Hospes.Hypervisor.Dumps;
using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Memory;
using Hospes.Sdk;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Microsoft.Win32.SafeHandles;

namespace Hospes.Host.DomainProcess;

/// <summary>
/// The domain of this process: builds it, lets it run, does what a Host asks of it. Its leases begin paused: nothing of the guest runs before a Host
/// has unpaused it.
/// </summary>
internal sealed class DomainRunner(DomainLaunch launch, SafeFileHandle? kernel = null, DomainPlugins? loaded = null) : IDisposable
{
    private readonly DomainMediator _mediator = new(TimeProvider.System);
    private readonly Lock _lock = new();
    // What is said for people to read while nobody is there to hear it; more than this is not kept.
    private const int MostUnheard = 256;

    private readonly List<ControlMessage> _past = [];
    private readonly Queue<ControlMessage> _unheard = new();
    private DeviceFactories? _factories;
    private DomainLeases? _leases;
    private Domain? _domain;
    private Action<ControlMessage, SafeFileHandle?>? _listener;
    private string? _failure;

    /// <summary>Set when the process is to end.</summary>
    public ManualResetEventSlim Ended { get; } = new();

    /// <summary>
    /// Makes a Host the one that hears of this domain, and tells it at once what it has missed. The one before hears no more. The descriptor is the
    /// lease page's, with the message that the domain is built.
    /// </summary>
    public void Listen(Action<ControlMessage, SafeFileHandle?> listener)
    {
        lock (_lock)
        {
            _listener = listener;
            listener(new ControlMessage.Hello(ControlMessage.ProtocolVersion, Environment.ProcessId), null);
            foreach (ControlMessage message in _past)
                listener(message, Descriptor(message));
            foreach (DeviceReport report in _domain?.Devices.Reports ?? [])
                listener(Message(report), null);
            while (_unheard.TryDequeue(out ControlMessage? said))
                listener(said, null);
        }
    }

    /// <summary>The Host is gone. The domain runs on by itself until another comes.</summary>
    public void Unlisten(Action<ControlMessage, SafeFileHandle?> listener)
    {
        lock (_lock)
        {
            if (_listener != listener)
                return; // another has taken its place already
            _listener = null;
            _leases?.Detach();
        }
    }

    /// <summary>Builds the domain and starts its vCPUs' threads. What goes wrong is told to the Host and to standard error.</summary>
    public void Build()
    {
        try
        {
            BuildDomain();

            // What building took is not needed again, and the guest lives long: 10 ms here give back several MiB.
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
        catch (Exception failure) when (failure is DomainBuildException or DomainEngineException or IOException or PluginCatalogException
            or PluginFailureException or KeyNotFoundException or UnauthorizedAccessException or InvalidOperationException)
        {
            Console.Error.WriteLine($"domain {launch.Domain.Name}: cannot be built: {failure}");
            lock (_lock)
            {
                _failure = failure.Message;
                Tell(new ControlMessage.BuildFailed(failure.Message));
            }
        }
    }

    /// <summary>Takes what the Host says without asking for an answer.</summary>
    public void Hear(ControlMessage message)
    {
        Domain? domain;
        lock (_lock)
            domain = _domain;
        if (message is ControlMessage.Peers peers)
            _mediator.Set(peers.Domains);
        if (message is ControlMessage.FrontendChanged changed)
            domain?.Devices.Hear(new DeviceAddress(changed.Class, changed.Device), new FrontendNodes(changed.Nodes));
    }

    /// <summary>
    /// Does what the Host asks and answers. A device that goes waits for what it still has under way, so its answer comes later; meanwhile other
    /// requests are served.
    /// </summary>
    public async Task<ControlMessage.Reply> ServeAsync(ControlMessage.Request request, IReadOnlyList<SafeFileHandle> descriptors)
    {
        Domain? domain;
        DeviceFactories? factories;
        lock (_lock)
        {
            domain = _domain;
            factories = _factories;
        }

        if (domain is null || factories is null)
            return new ControlMessage.Reply(request.Id, Simple(request, descriptors));
        DeviceSet devices = domain.Devices;
        switch (request)
        {
            case ControlMessage.DeviceAttach attach:
                await Task.Run(() => devices.Attach(
                    new DeviceAddress(attach.Class, attach.Device), context => factories.Make(context, attach.Settings, descriptors)));
                return new ControlMessage.Reply(request.Id, null);
            case ControlMessage.DeviceChange change:
                await Task.Run(() => factories.Change(devices, new DeviceAddress(change.Class, change.Device), change.Settings, descriptors));
                return new ControlMessage.Reply(request.Id, null);
            case ControlMessage.DeviceClose close:
                return new ControlMessage.Reply(
                    request.Id, devices.Close(new DeviceAddress(close.Class, close.Device)) ? null : $"there is no device {close.Class}/{close.Device}");
            case ControlMessage.DeviceDetach detach:
                await devices.DetachAsync(new DeviceAddress(detach.Class, detach.Device));
                return new ControlMessage.Reply(request.Id, null);
            case ControlMessage.DeviceStatistics:
                return new ControlMessage.Reply(request.Id, null, DeviceFactories.Statistics(devices));
            case ControlMessage.DumpCore dump when descriptors is [SafeFileHandle core]:
                return new ControlMessage.Reply(request.Id, null, await Task.Run(() => WriteCore(domain, core, dump.Live)));
            case ControlMessage.EngineStatistics:
                return new ControlMessage.Reply(request.Id, null, await Task.Run(() => domain.Machine.Statistics));
            default:
                return new ControlMessage.Reply(request.Id, Simple(request, descriptors));
        }
    }

    private static Dictionary<string, long> WriteCore(Domain domain, SafeFileHandle core, bool isLive)
    {
        using FileStream file = new(core, FileAccess.ReadWrite, bufferSize: 0);
        return new Dictionary<string, long>(StringComparer.Ordinal) { ["bytes"] = CoreDump.Write(domain, file, isLive) };
    }

    private string? Simple(ControlMessage.Request request, IReadOnlyList<SafeFileHandle> descriptors)
    {
        lock (_lock)
        {
            if (request is ControlMessage.End)
                return null; // the connection sets Ended when it has answered

            if (_domain is not { } domain || _leases is not { } leases)
                return _failure ?? "the domain is still being built";
            switch (request)
            {
                case ControlMessage.Attach when descriptors is [SafeFileHandle doorbell, SafeFileHandle store]:
                    leases.Attach(doorbell);
                    domain.ConnectStore(Adopt(store));
                    return null;
                case ControlMessage.MemoryMaximum maximum:
                    domain.Memory.MaximumFrames = checked((int)((long)maximum.MiB * 1024 * 1024 / GuestMemory.FrameSize));
                    return null;
                case ControlMessage.Trigger { Name: "nmi" } trigger:
                    return domain.RequestNmi(new VcpuId(trigger.Vcpu)) ? null : $"there is no vcpu {trigger.Vcpu}";
                default:
                    return $"the request {request.GetType().Name} came without what belongs to it, or is not known to this version";
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Domain? domain;
        lock (_lock)
        {
            _listener = null;
            domain = _domain;
            _leases?.End();
        }

        // Not under the lock: a vCPU's thread that ends may have something to say.
        domain?.Dispose();
        _leases?.Dispose();
        Ended.Dispose();
    }

    private static NetworkStream Adopt(SafeFileHandle descriptor)
    {
        Socket socket = new(new SafeSocketHandle(descriptor.DangerousGetHandle(), ownsHandle: true));
        descriptor.SetHandleAsInvalid(); // the socket owns it now
        return new NetworkStream(socket, ownsSocket: true);
    }

    private void BuildDomain()
    {
        PhaseClock phases = new(TimeProvider.System);
        DomainConfiguration configuration = launch.Domain;
        GuestMemory memory = new((ulong)configuration.MemoryMiB << 20, (ulong)configuration.MaximumMemoryMiB << 20);

        // Each takes about as long as the other, and a person waits for both.
        Task<PvhBootState> loading = Task.Run(() =>
        {
            using (kernel)
                return PvhBuilder.Build(configuration, memory, kernel);
        });
        IConsole? console = null;
        DomainLeases? leases = null;
        try
        {
            DomainPlugins plugins = loaded ?? new DomainPlugins(launch.PluginsFile);
            DeviceFactories factories = DeviceFactories.All(plugins);
            IExecutionEngine engine = plugins.Engine(configuration.Engine);
            IConsoleBackend backend = plugins.Console(configuration.Console);
            phases.Mark("plugins");
            PvhBootState boot = loading.GetAwaiter().GetResult();
            phases.Mark("kernel");
            console = backend.Open(new ConsoleSettings(
                configuration.Name, launch.ConsoleSocket, launch.ConsoleLog, configuration.ConsoleHistoryBytes));
            leases = new DomainLeases(configuration.Vcpus, doorbells: null, paused: true);
            IVcpuLease[] each = [.. Enumerable.Range(0, configuration.Vcpus).Select(vcpu => leases[new VcpuId(vcpu)])];
            Domain domain = new(configuration, memory, boot, engine, each, console) { Mediator = _mediator };
            phases.Mark("domain");
            Begin(domain, leases, boot, factories);
            phases.Mark("begun");
            Console.Error.WriteLine($"domain {configuration.Name}: built in {phases}");
        }
        catch
        {
            console?.Dispose();
            leases?.Dispose();
            Task.WhenAny(loading).Wait(); // it writes to the memory
            memory.Dispose();
            throw;
        }
    }

    private static ControlMessage.BackendChanged Message(DeviceReport report) =>
        new(report.Address.Class, report.Address.Id, (int)report.State, report.Nodes, report.Error);

    private void Begin(Domain domain, DomainLeases leases, PvhBootState boot, DeviceFactories factories)
    {
        domain.Devices.Reported += report => Say(Message(report));
        domain.Message += Keep;
        _mediator.Denied += (operation, other) => Say(new ControlMessage.SharingDenied(operation, other.Value));
        string? detail = null;
        domain.Failed += reason =>
        {
            Console.Error.WriteLine($"domain {launch.Domain.Name}: {reason}");
            detail = reason;
        };
        domain.ShutdownRequested += reason =>
        {
            lock (_lock)
            {
                Tell(new ControlMessage.Stopped(reason, detail));
            }
        };
        domain.Start();
        lock (_lock)
        {
            _domain = domain;
            _leases = leases;
            _factories = factories;
            Tell(new ControlMessage.Built(
                domain.StorePort.Value, boot.StoreFrame.Number, domain.ConsolePort.Value, boot.ConsoleFrame.Number));
        }
    }

    /// <summary>Told to the Host there is, and later to each that comes: what a Host must know of a domain. The lock is held.</summary>
    private void Tell(ControlMessage message)
    {
        _past.Add(message);
        _listener?.Invoke(message, Descriptor(message));
    }

    /// <summary>Told to the Host if there is one, and else to nobody.</summary>
    private void Say(ControlMessage message)
    {
        lock (_lock)
            _listener?.Invoke(message, null);
    }

    /// <summary>A line for the hypervisor's message buffer: told to the Host there is, or to the next, unless there are too many by then.</summary>
    private void Keep(string text)
    {
        ControlMessage.Said said = new(text);
        lock (_lock)
        {
            if (_listener is not null)
                _listener(said, null);
            else if (_unheard.Count < MostUnheard)
                _unheard.Enqueue(said);
        }
    }

    private SafeFileHandle? Descriptor(ControlMessage message) => message is ControlMessage.Built ? _leases!.Handle : null;
}
