using Hospes.Sdk;
using Hospes.Sdk.Schedulers;

namespace Hospes.TestKit.Schedulers.Simulation;

/// <summary>A vCPU of a simulation and what has been measured of it.</summary>
public sealed class SimulatedVcpu
{
    private readonly List<Nanoseconds> _latencies = [];
    private readonly Random _random;
    private Nanoseconds _readySince;
    private bool _hasJustWoken;

    internal SimulatedVcpu(VcpuKey key, Load load, int seed)
    {
        Key = key;
        Load = load;
        _random = new Random(seed);
    }

    /// <summary>Which one.</summary>
    public VcpuKey Key { get; }

    /// <summary>What it does.</summary>
    public Load Load { get; }

    /// <summary>Where it may run.</summary>
    public PcpuSet Affinity { get; internal set; } = PcpuSet.All;

    /// <summary>CPU time it has had since the measurements began.</summary>
    public Nanoseconds Used { get; private set; }

    /// <summary>The longest it has been runnable without a pCPU.</summary>
    public Nanoseconds LongestWait { get; private set; }

    /// <summary>Times from wake-up to running.</summary>
    public IReadOnlyList<Nanoseconds> Latencies => _latencies;

    /// <summary>How often it has been put on a pCPU other than the one before.</summary>
    public int Migrations { get; private set; }

    /// <summary>Runnable, on a pCPU or not.</summary>
    public bool IsRunnable => IsReady || Pcpu is not null;

    internal bool IsReady { get; private set; }

    internal PcpuId? Pcpu { get; private set; }

    internal PcpuId? LastPcpu { get; private set; }

    internal Nanoseconds WakesAt { get; private set; } = Nanoseconds.Never;

    internal Nanoseconds BurstLeft { get; private set; }

    internal void Wake(Nanoseconds now)
    {
        WakesAt = Nanoseconds.Never;
        BurstLeft = Load.Burst(_random);
        _hasJustWoken = true;
        BeReady(now);
    }

    internal void BeReady(Nanoseconds now)
    {
        IsReady = true;
        Pcpu = null;
        _readySince = now;
    }

    internal void Run(PcpuId pcpu, Nanoseconds now)
    {
        NoteWait(now);
        if (_hasJustWoken)
            _latencies.Add(now - _readySince);
        _hasJustWoken = false;
        if (LastPcpu is { } last && last != pcpu)
            Migrations++;
        LastPcpu = Pcpu = pcpu;
        IsReady = false;
    }

    internal void Sleep(Nanoseconds now)
    {
        IsReady = false;
        Pcpu = null;
        Nanoseconds sleep = Load.Sleep(_random);
        WakesAt = sleep == Nanoseconds.Never ? sleep : now + sleep;
    }

    internal void WakeAt(Nanoseconds time) => WakesAt = time;

    internal void Use(Nanoseconds span)
    {
        Used += span;
        if (BurstLeft != Nanoseconds.Never)
            BurstLeft -= span;
    }

    internal void NoteWait(Nanoseconds now)
    {
        if (IsReady && now - _readySince > LongestWait)
            LongestWait = now - _readySince;
    }

    internal void ResetMeasures(Nanoseconds now)
    {
        Used = default;
        LongestWait = default;
        Migrations = 0;
        _latencies.Clear();
        if (IsReady)
            _readySince = now;
    }
}
