using Hospes.Hypervisor.Apic;
using Hospes.Hypervisor.Backends;
using Hospes.Hypervisor.Backends.Devices;
using Hospes.Hypervisor.Builders;
using Hospes.Hypervisor.Cpu;
using Hospes.Hypervisor.Events;
using Hospes.Hypervisor.Grants;
using Hospes.Hypervisor.Hypercalls;
using Hospes.Hypervisor.Leases;
using Hospes.Hypervisor.Memory;
using Hospes.Hypervisor.Time;
using Hospes.Sdk;
using Hospes.Sdk.Consoles;
using Hospes.Sdk.Engines;
using Hospes.Sdk.Security;

namespace Hospes.Hypervisor.Domains;

/// <summary>
/// A PVH guest's machine: memory, vCPUs, event channels, grant table, clock, and the console and store rings. The same object runs in a domain process
/// and in a test.
/// </summary>
/// <remarks>
/// Lock order, outermost first: <see cref="_gate"/>; a back-end's or a hypercall family's own lock; the event channels' lock; the timers' lock.
/// Events are raised on pool threads, so a handler may dispose the domain; <see cref="Message"/> is raised where the message arises.
/// </remarks>
public sealed class Domain : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly DomainTimers _timers;
    private readonly ConsoleRing _console;
    private readonly XenstoreRing _store;
    private int _pauses;
    private int _shutdown;
    private volatile bool _isHeld;
    private volatile bool _isStopping;

    /// <summary>Puts the machine together around a guest that the builder has laid out. Takes over the memory and the console, once it succeeds.</summary>
    /// <param name="configuration">What was asked for.</param>
    /// <param name="memory">The guest's memory, kernel loaded.</param>
    /// <param name="boot">What the builder left.</param>
    /// <param name="engine">Executes the guest.</param>
    /// <param name="leases">One for each vCPU, in order.</param>
    /// <param name="console">The guest's console.</param>
    /// <param name="clock">The host's clock unless a test brings its own.</param>
    public Domain(
        DomainConfiguration configuration, GuestMemory memory, PvhBootState boot, IExecutionEngine engine, IReadOnlyList<IVcpuLease> leases,
        IConsole console, IClock? clock = null)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(leases.Count, configuration.Vcpus, nameof(leases));
        IClock host = clock ?? new HostClock();
        Configuration = configuration;
        Id = new DomainId(configuration.DomainId);
        Memory = memory;
        MemoryMap = boot.MemoryMap;
        Log = new GuestLog(host, $"(d{Id}) ", text => Message?.Invoke(text));
        Clock = new GuestClock(host, TimeSpan.FromSeconds(configuration.WallClockOffset));
        _timers = new DomainTimers(host);
        SharedInfo = new SharedInfo(memory);
        SharedInfo.WriteWallClock(Clock.WallClockBase);
        Grants = new GrantTable(memory);
        Machine = engine.CreateMachine(memory);
        Vcpus = new Vcpu[configuration.Vcpus];
        try
        {
            for (int index = 0; index < Vcpus.Length; index++)
                Vcpus[index] = new Vcpu(this, new VcpuId(index), leases[index], index == 0 ? boot.CpuState : null);
        }
        catch
        {
            foreach (Vcpu? vcpu in Vcpus)
                vcpu?.Cpu.Dispose();
            Machine.Dispose();
            throw;
        }

        EventChannels = new EventChannels(Id, SharedInfo, Array.ConvertAll(Vcpus, vcpu => vcpu.Events));
        ApicBus bus = new(Array.ConvertAll(Vcpus, vcpu => vcpu.Apic));
        foreach (Vcpu vcpu in Vcpus)
            vcpu.Apic.Connect(bus);
        _store = new XenstoreRing(StorePage(memory, boot), EventChannels, Log);
        _console = new ConsoleRing(memory, boot.ConsoleHostFrame, EventChannels, console, Log);
        ConnectPages(boot);
        Hypercalls = new HypercallTable(this);
        Devices = new DeviceSet(this);
        memory.MappingChanged += Machine.MappingChanged;
    }

    /// <summary>The guest stopped itself, or was stopped; raised once. No vCPU executes any more; the domain waits for <see cref="Dispose"/>.</summary>
    public event Action<ShutdownReason>? ShutdownRequested;

    /// <summary>The machine broke: why, for a log. <see cref="ShutdownRequested"/> with <see cref="ShutdownReason.Crash"/> follows.</summary>
    public event Action<string>? Failed;

    /// <summary>A line for the hypervisor's log (xm dmesg). What a guest can trigger is rate-limited. Raised on any thread; must not wait.</summary>
    public event Action<string>? Message;

    /// <summary>Asked before the guest gets at another domain; null: it may get at any.</summary>
    public IDomainMediator? Mediator { get; init; }

    /// <summary>Its number.</summary>
    public DomainId Id { get; }

    /// <summary>What it was made from.</summary>
    public DomainConfiguration Configuration { get; }

    /// <summary>Its memory.</summary>
    public GuestMemory Memory { get; }

    /// <summary>Its event channels: back-ends bind here.</summary>
    public EventChannels EventChannels { get; }

    /// <summary>Its grant table: back-ends map here.</summary>
    public GrantTable Grants { get; }

    /// <summary>The engine's side; back-ends that write to guest memory tell it.</summary>
    public IGuestMachine Machine { get; }

    /// <summary>Its block and network devices, and whatever else has a front-end in the guest.</summary>
    public DeviceSet Devices { get; }

    /// <summary>Its vCPUs.</summary>
    public Vcpu[] Vcpus { get; }

    /// <summary>The guest's port to the store, to be introduced with it.</summary>
    public EventPort StorePort => _store.Port;

    /// <summary>The guest's console port.</summary>
    public EventPort ConsolePort => _console.Port;

    /// <summary>Why the guest stopped, or null while it has not.</summary>
    public ShutdownReason? ShutdownState => Volatile.Read(ref _shutdown) is > 0 and int code ? (ShutdownReason)(code - 1) : null;

    /// <summary>Whether the guest may do this with another domain. Itself and domain 0 are no others: a domain that may not share with domain 0 does not run.</summary>
    internal bool MayShare(SecurityOperation operation, ushort other) =>
        other == Id.Value || other == DomainId.Self.Value || other == DomainId.Zero.Value || Mediator is not { } mediator || mediator.MayShare(operation, new DomainId(other));

    internal HvmParameters Parameters { get; } = new();

    internal HypercallTable Hypercalls { get; }

    internal SharedInfo SharedInfo { get; }

    internal GuestClock Clock { get; }

    internal TimerQueue Timers => _timers.Queue;

    internal GuestLog Log { get; }

    internal IReadOnlyList<MemoryMapEntry> MemoryMap { get; }

    /// <summary>What SCHEDOP_shutdown_code has set: the reason to give when the guest stops.</summary>
    internal ShutdownReason? ShutdownCode { get; set; }

    /// <summary>No vCPU may execute: paused, shut down or being disposed.</summary>
    internal bool IsHeld => _isHeld;

    /// <summary>vCPU threads are to end.</summary>
    internal bool IsStopping => _isStopping;

    /// <summary>Starts the vCPUs' threads. Once.</summary>
    public void Start()
    {
        _timers.Start();
        foreach (Vcpu vcpu in Vcpus)
            vcpu.Start();
    }

    /// <summary>Stops guest execution and returns when no vCPU executes any more. Nests. Not from a vCPU's thread.</summary>
    public void Pause()
    {
        lock (_gate)
        {
            _pauses++;
            Hold();
            while (Array.Exists(Vcpus, vcpu => vcpu.IsExecuting))
                Monitor.Wait(_gate);
        }
    }

    /// <summary>Takes one <see cref="Pause"/> back.</summary>
    public void Unpause()
    {
        lock (_gate)
        {
            if (_pauses == 0)
                throw new InvalidOperationException($"domain {Id} is not paused");
            _pauses--;
            _isHeld = _pauses != 0 || _shutdown != 0 || _isStopping;
        }

        foreach (Vcpu vcpu in Vcpus)
            vcpu.RequestLook();
    }

    /// <summary>Delivers an NMI to a vCPU (xm trigger nmi). False: there is no such vCPU.</summary>
    public bool RequestNmi(VcpuId vcpu)
    {
        if ((uint)vcpu.Value >= (uint)Vcpus.Length)
            return false;
        Vcpus[vcpu.Value].RequestNmi();
        return true;
    }

    /// <summary>
    /// Connects the guest's store ring to a store's byte stream, in place of the last one, which is closed. Requests not yet answered are sent again
    /// and watches are set again, so the guest does not notice that its store was away.
    /// </summary>
    public void ConnectStore(Stream store) => _store.Connect(store);

    /// <summary>
    /// Ends the vCPUs' threads and frees everything. The caller ends the leases just before, so that no vCPU waits for a pCPU for ever.
    /// </summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isStopping)
                return;
            _isStopping = true;
            Hold();
        }

        bool ended = true;
        foreach (Vcpu vcpu in Vcpus)
            ended &= vcpu.Join(Patience);
        ended &= Devices.End(Patience);
        _console.Dispose();
        _store.Dispose();
        _timers.Dispose();
        if (!ended)
        {
            // A thread that still runs may touch memory and engine; only the end of the process frees them safely.
            Message?.Invoke($"(d{Id}) a vCPU or a device did not stop within {Patience.TotalSeconds} s; its memory is kept until the process ends");
            return;
        }

        Memory.MappingChanged -= Machine.MappingChanged;
        foreach (Vcpu vcpu in Vcpus)
            vcpu.Cpu.Dispose();
        Machine.Dispose();
        Memory.Dispose();
    }

    /// <summary>The guest stops for a reason; the first one counts. Any thread, vCPUs' own included.</summary>
    internal void Shutdown(ShutdownReason reason)
    {
        if (Interlocked.CompareExchange(ref _shutdown, (int)reason + 1, 0) != 0)
            return;
        Hold();
        ThreadPool.QueueUserWorkItem(static state => state.Domain.ShutdownRequested?.Invoke(state.Reason), (Domain: this, Reason: reason), preferLocal: false);
    }

    /// <summary>The machine cannot go on.</summary>
    internal void Fail(string reason)
    {
        if (Interlocked.CompareExchange(ref _shutdown, (int)ShutdownReason.Crash + 1, 0) != 0)
            return;
        Hold();
        ThreadPool.QueueUserWorkItem(
            static state =>
            {
                state.Domain.Failed?.Invoke(state.Reason);
                state.Domain.ShutdownRequested?.Invoke(ShutdownReason.Crash);
            },
            (Domain: this, Reason: reason),
            preferLocal: false);
    }

    /// <summary>A vCPU is out; when all are, the guest has powered itself off (fact sheet "Guest ABI", 1.6).</summary>
    internal void CheckAllOut()
    {
        // Of two vCPUs that go out at one time, one at least must see the other.
        Interlocked.MemoryBarrier();
        if (Array.TrueForAll(Vcpus, static vcpu => vcpu.IsOut))
            Shutdown(ShutdownReason.PowerOff);
    }

    /// <summary>A vCPU has left guest code: somebody may wait for that.</summary>
    internal void LookForPause()
    {
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>The guest has shown its width.</summary>
    internal void SetWidth(bool is32Bit)
    {
        EventChannels.SetWidth(is32Bit);
        SharedInfo.WriteWallClock(Clock.WallClockBase);
    }

    /// <summary>WRMSR of the hypercall page's register: page address, page index 0. False: #GP.</summary>
    internal unsafe bool TryWriteHypercallPage(ulong value)
    {
        GuestPhysical page = new(value);
        byte* target = page.OffsetInFrame == 0 ? Memory.FindFrame(page.Frame) : null;
        if (target == null)
            return false;
        HypercallPage.Fill(new Span<byte>(target, GuestMemory.FrameSize));
        Machine.ContentWritten(page, GuestMemory.FrameSize);
        return true;
    }

    private unsafe XenstorePage StorePage(GuestMemory memory, PvhBootState boot) => new(memory.AddressOf(boot.StoreHostFrame), Log);

    private void Hold()
    {
        _isHeld = true;
        foreach (Vcpu vcpu in Vcpus)
            vcpu.RequestLook();
    }

    private void ConnectPages(PvhBootState boot)
    {
        Parameters[HvmParameters.StoreFrame] = boot.StoreFrame.Number;
        Parameters[HvmParameters.StorePort] = _store.Port.Value;
        Parameters[HvmParameters.ConsoleFrame] = boot.ConsoleFrame.Number;
        Parameters[HvmParameters.ConsolePort] = _console.Port.Value;

        // The reserved references, for tools that map these pages by grant (fact sheet, section 7).
        Grants.Offer(new GrantReference(0), boot.ConsoleFrame);
        Grants.Offer(new GrantReference(1), boot.StoreFrame);
    }
}
