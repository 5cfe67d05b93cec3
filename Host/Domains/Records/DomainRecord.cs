using System.Text.Json.Serialization;

namespace Hospes.Host.Domains.Records;

/// <summary>
/// What a Host that comes later must know of a domain, in <c>record.json</c> in its directory: all that neither the domain's process nor the store tells.
/// </summary>
internal sealed record DomainRecord
{
    /// <summary>Raised with every change that an older Host would get wrong.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version it was written by; a higher one than ours is not touched.</summary>
    public required int Version { get; init; }

    /// <summary>The machine's run in which this was written: after another start of it, nothing of the domain is left but files.</summary>
    public required string Boot { get; init; }

    /// <summary>Its number.</summary>
    public required ushort Domid { get; init; }

    /// <summary>Where it was in its life. Creating: it is taken away. Dying: likewise, and <see cref="Successor"/> started.</summary>
    [JsonConverter(typeof(JsonStringEnumConverter<DomainPhase>))]
    public required DomainPhase Phase { get; init; }

    /// <summary>Its configuration.</summary>
    public required VmConfiguration Configuration { get; init; }

    /// <summary>When this incarnation was made, seconds since 1970.</summary>
    public required double StartTime { get; init; }

    /// <summary>How often it was restarted before.</summary>
    public int Restarts { get; init; }

    /// <summary>When last.</summary>
    public DateTimeOffset? LastRestart { get; init; }

    /// <summary>What the guest is asked to use, KiB.</summary>
    public required long MemoryTargetKiB { get; init; }

    /// <summary>What the guest may use, KiB.</summary>
    public required long MemoryMaximumKiB { get; init; }

    /// <summary>CPU time of a domain that has stopped, ns.</summary>
    public long CpuTime { get; init; }

    /// <summary>Its devices, in order.</summary>
    public IReadOnlyList<DeviceRecord> Devices { get; init; } = [];

    /// <summary>The incarnation that is to be started when this one is out of the way; null: none.</summary>
    public Successor? Successor { get; init; }
}
