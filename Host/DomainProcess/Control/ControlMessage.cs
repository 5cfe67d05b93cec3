using System.Text.Json.Serialization;
using Hospes.Hypervisor.Domains;
using Hospes.Sdk.Security;

namespace Hospes.Host.DomainProcess.Control;

/// <summary>
/// What Host and domain process say to each other on <c>control.sock</c>. The Host is the client and may come and go; the domain process greets each
/// new connection with <see cref="Hello"/>, which tells all that a Host needs to take a running domain over.
/// </summary>
/// <remarks>
/// On the wire: a length (u32, little-endian), then that many bytes of JSON. A life of a domain:
/// <code>
/// domain -> {"$":"hello","protocol":1,"pid":4711}
/// domain -> {"$":"built","storePort":1,"storeFrame":1044476,"consolePort":2,"consoleFrame":1044479}    with the lease page
/// host   -> {"$":"attach","id":1}                      with the doorbell page and a store connection
/// domain -> {"$":"reply","id":1}
/// host   -> {"$":"device-attach","class":"vbd","device":51712,"settings":{...},"id":2}     with the open image
/// domain -> {"$":"reply","id":2}
/// domain -> {"$":"backend-changed","class":"vbd","device":51712,"state":2,"nodes":{"feature-flush-cache":"1"}}
/// host   -> {"$":"frontend-changed","class":"vbd","device":51712,"nodes":{"state":"3","ring-ref":"8","event-channel":"15"}}
/// domain -> {"$":"backend-changed","class":"vbd","device":51712,"state":4,"nodes":{"sectors":"2048"}}
/// domain -> {"$":"stopped","reason":"PowerOff"}
/// host   -> {"$":"end","id":3}
/// domain -> {"$":"reply","id":3}                       and the process ends
/// </code>
/// </remarks>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "$")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Built), "built")]
[JsonDerivedType(typeof(BuildFailed), "build-failed")]
[JsonDerivedType(typeof(Stopped), "stopped")]
[JsonDerivedType(typeof(Said), "said")]
[JsonDerivedType(typeof(Reply), "reply")]
[JsonDerivedType(typeof(Attach), "attach")]
[JsonDerivedType(typeof(MemoryMaximum), "memory-maximum")]
[JsonDerivedType(typeof(Trigger), "trigger")]
[JsonDerivedType(typeof(DeviceAttach), "device-attach")]
[JsonDerivedType(typeof(DeviceChange), "device-change")]
[JsonDerivedType(typeof(DeviceClose), "device-close")]
[JsonDerivedType(typeof(DeviceDetach), "device-detach")]
[JsonDerivedType(typeof(DeviceStatistics), "device-statistics")]
[JsonDerivedType(typeof(EngineStatistics), "engine-statistics")]
[JsonDerivedType(typeof(FrontendChanged), "frontend-changed")]
[JsonDerivedType(typeof(BackendChanged), "backend-changed")]
[JsonDerivedType(typeof(Peers), "peers")]
[JsonDerivedType(typeof(SharingDenied), "sharing-denied")]
[JsonDerivedType(typeof(DumpCore), "dump-core")]
[JsonDerivedType(typeof(End), "end")]
internal abstract record ControlMessage
{
    /// <summary>The version of this protocol; raised with every change that an older process would notice.</summary>
    public const int ProtocolVersion = 2;

    /// <summary>The version from which on <see cref="Peers"/> is understood.</summary>
    public const int PeersVersion = 2;

    /// <summary>The oldest version that a Host still understands: domains outlive the program that started them.</summary>
    public const int OldestVersion = 1;

    /// <summary>Domain to Host, first on each connection. Its fields keep their names and shapes in every version, so that each can read which one it is.</summary>
    internal sealed record Hello(int Protocol, int Pid) : ControlMessage;

    /// <summary>
    /// Domain to Host: memory is filled and the vCPUs could run. The rings' places are for the store's <c>console</c> and <c>store</c> nodes. Descriptor:
    /// the lease page, which is the domain's own since it has to outlive the Host. Said again to each Host that connects later.
    /// </summary>
    internal sealed record Built(uint StorePort, ulong StoreFrame, uint ConsolePort, ulong ConsoleFrame) : ControlMessage;

    /// <summary>Domain to Host: there will be no domain. The text is for the person who asked for it.</summary>
    internal sealed record BuildFailed(string Message) : ControlMessage;

    /// <summary>Domain to Host: the guest has stopped itself, or cannot go on; the vCPUs run no more. The detail is for a log.</summary>
    internal sealed record Stopped(ShutdownReason Reason, string? Detail) : ControlMessage;

    /// <summary>Domain to Host: a line for the hypervisor's message buffer.</summary>
    internal sealed record Said(string Text) : ControlMessage;

    /// <summary>
    /// Domain to Host: a device's back-end has reached a state and has these nodes to publish, in one transaction. The Host writes them to that
    /// device's back-end directory and nowhere else. The last one of each device is said again to each Host that connects later.
    /// </summary>
    internal sealed record BackendChanged(string Class, int Device, int State, IReadOnlyDictionary<string, string> Nodes, string? Error)
        : ControlMessage;

    /// <summary>Host to domain: a device's front-end directory is now this, paths relative to it.</summary>
    internal sealed record FrontendChanged(string Class, int Device, IReadOnlyDictionary<string, string> Nodes) : ControlMessage;

    /// <summary>Host to domain: the domains that the guest may share events and memory with; null: any, no policy is in force.</summary>
    internal sealed record Peers(IReadOnlyList<int>? Domains) : ControlMessage;

    /// <summary>Domain to Host: the guest has tried to share with a domain that it may not; not each time, if it tries often.</summary>
    internal sealed record SharingDenied(SecurityOperation Operation, ushort Domain) : ControlMessage;

    /// <summary>The answer to a request; an error's text is for the person who asked, the answer is what was asked for.</summary>
    internal sealed record Reply(int Id, string? Error, IReadOnlyDictionary<string, long>? Answer = null) : ControlMessage;

    /// <summary>A message that is answered by a <see cref="Reply"/> with the same number.</summary>
    internal abstract record Request : ControlMessage
    {
        /// <summary>Chosen by the Host, unique on a connection.</summary>
        public int Id { get; init; }
    }

    /// <summary>Host to domain: work under this Host. Descriptors: doorbell page, store connection.</summary>
    internal sealed record Attach : Request;

    /// <summary>Host to domain: the guest may have this much memory at most.</summary>
    internal sealed record MemoryMaximum(int MiB) : Request;

    /// <summary>Host to domain: send a vCPU a non-maskable interrupt.</summary>
    internal sealed record Trigger(string Name, int Vcpu) : Request;

    /// <summary>Host to domain: there is a new device. What the settings and the descriptors mean, the device's class knows.</summary>
    internal sealed record DeviceAttach(string Class, int Device, IReadOnlyDictionary<string, string> Settings) : Request;

    /// <summary>Host to domain: a device has other settings from now on, such as another medium in a drive.</summary>
    internal sealed record DeviceChange(string Class, int Device, IReadOnlyDictionary<string, string> Settings) : Request;

    /// <summary>Host to domain: ask the front-end to let go of a device. When it has, its back-end's state is Closed.</summary>
    internal sealed record DeviceClose(string Class, int Device) : Request;

    /// <summary>Host to domain: take a device away now. Answered when all that belonged to it is closed.</summary>
    internal sealed record DeviceDetach(string Class, int Device) : Request;

    /// <summary>Host to domain: the counters of all devices. Answer: <c>vbd/51712/rd_req</c> and so on.</summary>
    internal sealed record DeviceStatistics : Request;

    /// <summary>Host to domain: what the engine has counted. Answer: <c>page-walks</c> and so on, nothing when it counts nothing.</summary>
    internal sealed record EngineStatistics : Request;

    /// <summary>Host to domain: write the guest's memory and vCPUs to the file, which is the descriptor. Answer: how many bytes of memory.</summary>
    internal sealed record DumpCore(bool Live) : Request;

    /// <summary>Host to domain: the domain is to be no more; answered before the process ends.</summary>
    internal sealed record End : Request;
}
