using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>What xend says about a domain.</summary>
internal sealed record DomainInfo
{
    /// <summary>-1: it is managed and does not run.</summary>
    public int Domid { get; init; }

    public bool IsRunning => Domid >= 0;

    /// <summary>The id as listings show it: nothing for one that does not run.</summary>
    public string Number => IsRunning ? Domid.ToString(System.Globalization.CultureInfo.InvariantCulture) : "";

    public string Name { get; init; } = "";

    public string Uuid { get; init; } = "";

    public long MemoryMiB { get; init; }

    public long MaximumMemoryMiB { get; init; }

    public int Vcpus { get; init; }

    public int OnlineVcpus { get; init; }

    /// <summary>Six positions, <c>rbpscd</c>: running, blocked, paused, shutdown, crashed, dying; <c>-</c> where not so.</summary>
    public string State { get; init; } = "";

    /// <summary>Seconds of all its vCPUs together.</summary>
    public double CpuTime { get; init; }

    /// <summary>Its label as listings show it.</summary>
    public string Label { get; init; } = "";

    /// <summary>Seconds since 1970.</summary>
    public double StartTime { get; init; }

    public int RestartCount { get; init; }

    /// <summary>Network interfaces, and what has gone through them.</summary>
    public int Nets { get; init; }

    public long NetSentBytes { get; init; }

    public long NetReceivedBytes { get; init; }

    /// <summary>Disks, and the requests to them; out of requests: times the guest had to wait for room.</summary>
    public int Vbds { get; init; }

    public long VbdOutOfRequests { get; init; }

    public long VbdReads { get; init; }

    public long VbdWrites { get; init; }

    /// <summary>What to call it in further requests: domain 0 by its name, others by what stays theirs when they are renamed.</summary>
    public string Reference => Domid == 0 || Uuid.Length == 0 ? Name : Uuid;

    /// <summary>It has stopped for good and only its remains are listed.</summary>
    public bool HasStopped => State.AsSpan().IndexOfAny('s', 'c', 'd') >= 0;

    /// <summary>It has stopped and its remains are kept; one that is being taken away has not come to rest yet.</summary>
    public bool IsKept => State.AsSpan().IndexOfAny('s', 'c') >= 0;

    public static DomainInfo Read(JsonElement domain) => new()
    {
        Domid = domain.TryGetProperty("domid", out JsonElement domid) ? domid.GetInt32() : -1,
        Name = domain.Text("name"),
        Uuid = domain.Text("uuid"),
        MemoryMiB = domain.Whole("memoryMiB"),
        MaximumMemoryMiB = domain.Whole("maximumMemoryMiB"),
        Vcpus = (int)domain.Whole("vcpus"),
        OnlineVcpus = (int)domain.Whole("onlineVcpus"),
        State = domain.Text("state"),
        CpuTime = domain.Real("cpuTime"),
        Label = domain.Text("label"),
        StartTime = domain.Real("startTime"),
        RestartCount = (int)domain.Whole("restartCount"),
        Nets = (int)domain.Whole("nets"),
        NetSentBytes = domain.Whole("netSentBytes"),
        NetReceivedBytes = domain.Whole("netReceivedBytes"),
        Vbds = (int)domain.Whole("vbds"),
        VbdOutOfRequests = domain.Whole("vbdOutOfRequests"),
        VbdReads = domain.Whole("vbdReads"),
        VbdWrites = domain.Whole("vbdWrites"),
    };
}
