namespace Hospes.Host.Api;

/// <summary>A domain as API clients see it.</summary>
internal sealed record DomainInfo
{
    /// <summary>Its number; null for a managed domain that does not run.</summary>
    public required int? Domid { get; init; }

    /// <summary>It is managed: known whether it runs or not.</summary>
    public bool Managed { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its identity.</summary>
    public required string Uuid { get; init; }

    /// <summary>The memory target, MiB.</summary>
    public required long MemoryMiB { get; init; }

    /// <summary>The memory limit, MiB.</summary>
    public required long MaximumMemoryMiB { get; init; }

    /// <summary>vCPUs at most.</summary>
    public required int Vcpus { get; init; }

    /// <summary>vCPUs online.</summary>
    public required int OnlineVcpus { get; init; }

    /// <summary>Six characters, <c>rbpscd</c> or - at each place (fact sheet "xm", section 4.1); nothing for one that does not run.</summary>
    public required string State { get; init; }

    /// <summary>CPU seconds used.</summary>
    public required double CpuTime { get; init; }

    /// <summary>When it was made, seconds since 1970.</summary>
    public required double StartTime { get; init; }

    /// <summary>How often it has been restarted.</summary>
    public int RestartCount { get; init; }

    /// <summary>Network interfaces.</summary>
    public int Nets { get; init; }

    /// <summary>Bytes that the guest has sent through them.</summary>
    public long NetSentBytes { get; init; }

    /// <summary>Bytes that have come to it.</summary>
    public long NetReceivedBytes { get; init; }

    /// <summary>Disks.</summary>
    public int Vbds { get; init; }

    /// <summary>How often the guest had more requests to them than may be under way.</summary>
    public long VbdOutOfRequests { get; init; }

    /// <summary>Requests to read.</summary>
    public long VbdReads { get; init; }

    /// <summary>Requests to write.</summary>
    public long VbdWrites { get; init; }

    /// <summary>pvh, or dom0.</summary>
    public required string Kind { get; init; }

    /// <summary>Its label's name; INACTIVE, DEFAULT or unlabeled where there is none to show.</summary>
    public string? Label { get; init; }

    /// <summary>The action's word.</summary>
    public string? OnPoweroff { get; init; }

    /// <summary>The action's word.</summary>
    public string? OnReboot { get; init; }

    /// <summary>The action's word.</summary>
    public string? OnCrash { get; init; }
}
