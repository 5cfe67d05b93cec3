using System.Text.Json.Serialization;

namespace Hospes.Host.DomainProcess.Control;

/// <summary>How far a domain process is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DomainStage>))]
internal enum DomainStage
{
    /// <summary>Loading the kernel.</summary>
    Building,

    /// <summary>The vCPUs run whenever they have leases.</summary>
    Ready,

    /// <summary>The guest has stopped.</summary>
    Stopped,

    /// <summary>There will be no domain.</summary>
    Failed,
}
