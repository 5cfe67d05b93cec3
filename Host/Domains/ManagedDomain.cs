using System.Collections.Immutable;
using Hospes.Host.Devices;
using Hospes.Host.Domains.Processes;
using Hospes.Host.Domains.Records;
using Hospes.Sdk;

namespace Hospes.Host.Domains;

/// <summary>
/// One domain as the control plane knows it. What changes its life happens under <see cref="Gate"/>, one thing at a time; readers (listings) take no
/// gate and see each property as it is at that moment.
/// </summary>
internal sealed class ManagedDomain
{
    private volatile VmConfiguration _configuration;
    private volatile DomainPhase _phase = DomainPhase.Creating;
    private volatile DomainProcessClient? _process;
    private volatile bool _paused = true;
    private ImmutableList<Device> _devices = [];
    private long _memoryTargetKiB;
    private long _memoryMaximumKiB;
    private long _cpuTime;
    private volatile DeviceTotals _traffic = DeviceTotals.None;

    public ManagedDomain(DomainId id, VmConfiguration configuration, RestartHistory restarts, DateTimeOffset now)
    {
        Id = id;
        _configuration = configuration;
        Restarts = restarts;
        StartTime = now.ToUnixTimeMilliseconds() / 1000.0;
        MemoryTargetKiB = (long)configuration.MemoryMiB * 1024;
        MemoryMaximumKiB = (long)configuration.MaximumMemoryMiB * 1024;
    }

    /// <summary>A domain that an earlier Host has left.</summary>
    public ManagedDomain(DomainRecord record)
    {
        Id = new DomainId(record.Domid);
        _configuration = record.Configuration;
        _phase = record.Phase;
        _paused = false;
        Restarts = new RestartHistory(record.Restarts, record.LastRestart);
        StartTime = record.StartTime;
        MemoryTargetKiB = record.MemoryTargetKiB;
        MemoryMaximumKiB = record.MemoryMaximumKiB;
        Successor = record.Successor;
        NoteCpuTime(new Nanoseconds(record.CpuTime));
    }

    /// <summary>Its number.</summary>
    public DomainId Id { get; }

    /// <summary>Held by whoever changes its life.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    /// <summary>Held while its record is written.</summary>
    public Lock Recording { get; } = new();

    /// <summary>Done when its process is under this Host; at once for a domain that this Host has made.</summary>
    public Task Taken { get; set; } = Task.CompletedTask;

    /// <summary>Devices that it is about to be given.</summary>
    public IReadOnlyList<DeviceConfiguration> Planned { get; set; } = [];

    /// <summary>The incarnation that is to be started when this one is out of the way.</summary>
    public Successor? Successor { get; set; }

    /// <summary>Its configuration; name and identity in it may change.</summary>
    public VmConfiguration Configuration { get => _configuration; set => _configuration = value; }

    /// <summary>Its name.</summary>
    public string Name => _configuration.Name;

    /// <summary>Its identity.</summary>
    public Guid Uuid => _configuration.Uuid;

    /// <summary>Where it is in its life.</summary>
    public DomainPhase Phase { get => _phase; set => _phase = value; }

    /// <summary>Whether its vCPUs are kept from running.</summary>
    public bool IsPaused { get => _paused; set => _paused = value; }

    /// <summary>Its process, once started.</summary>
    public DomainProcessClient? Process { get => _process; set => _process = value; }

    /// <summary>Its devices, in the order in which they came.</summary>
    public ImmutableList<Device> Devices => Volatile.Read(ref _devices);

    /// <summary>What has gone through them, when somebody looked last.</summary>
    public DeviceTotals Traffic { get => _traffic; set => _traffic = value; }

    /// <summary>The answer to who looked last, which may be on its way.</summary>
    public Task TrafficAnswer { get; set; } = Task.CompletedTask;

    /// <summary>How often it was restarted before this incarnation.</summary>
    public RestartHistory Restarts { get; }

    /// <summary>When this incarnation was made, seconds since 1970.</summary>
    public double StartTime { get; }

    /// <summary>What the guest is asked to use, KiB.</summary>
    public long MemoryTargetKiB { get => Volatile.Read(ref _memoryTargetKiB); set => Volatile.Write(ref _memoryTargetKiB, value); }

    /// <summary>What the guest may use, KiB.</summary>
    public long MemoryMaximumKiB { get => Volatile.Read(ref _memoryMaximumKiB); set => Volatile.Write(ref _memoryMaximumKiB, value); }

    /// <summary>Ended when the domain is taken away: stops what waits for something of it.</summary>
    public CancellationTokenSource Life { get; } = new();

    /// <summary>CPU time when last noted: what is shown once there are no leases to ask any more.</summary>
    public Nanoseconds NotedCpuTime => new(Volatile.Read(ref _cpuTime));

    /// <summary>Whether it still has vCPUs that may run.</summary>
    public bool IsLive => Phase == DomainPhase.Live;

    /// <summary>Notes how much CPU time has been used; it never goes back.</summary>
    public void NoteCpuTime(Nanoseconds used) => Volatile.Write(ref _cpuTime, Math.Max(NotedCpuTime.Value, used.Value));

    /// <summary>It has a further device.</summary>
    public void AddDevice(Device device) => ImmutableInterlocked.Update(ref _devices, devices => devices.Add(device));

    /// <summary>It has a device no longer. False: it had not.</summary>
    public bool RemoveDevice(Device device) => ImmutableInterlocked.Update(ref _devices, devices => devices.Remove(device));

    /// <summary>For log lines.</summary>
    public override string ToString() => $"{Name} ({Id})";
}
