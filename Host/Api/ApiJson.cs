using System.Text.Json.Serialization;

namespace Hospes.Host.Api;

/// <summary>JSON of the API, without reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Fault))]
[JsonSerializable(typeof(DomainInfo))]
[JsonSerializable(typeof(IReadOnlyList<DomainInfo>))]
[JsonSerializable(typeof(IReadOnlyList<VcpuInfo>))]
[JsonSerializable(typeof(Bodies.Shutdown))]
[JsonSerializable(typeof(Bodies.Rename))]
[JsonSerializable(typeof(Bodies.Sysrq))]
[JsonSerializable(typeof(Bodies.Trigger))]
[JsonSerializable(typeof(Bodies.VcpuCount))]
[JsonSerializable(typeof(Bodies.Memory))]
[JsonSerializable(typeof(Bodies.DeviceDetach))]
[JsonSerializable(typeof(DeviceInfo))]
[JsonSerializable(typeof(IReadOnlyList<DeviceInfo>))]
[JsonSerializable(typeof(DomainEvent))]
[JsonSerializable(typeof(Bodies.Dump))]
[JsonSerializable(typeof(Bodies.File))]
[JsonSerializable(typeof(Bodies.DebugKeys))]
[JsonSerializable(typeof(Bodies.Stop))]
[JsonSerializable(typeof(Bodies.Scheduler))]
[JsonSerializable(typeof(Bodies.Schedulers))]
[JsonSerializable(typeof(Bodies.Pin))]
[JsonSerializable(typeof(Bodies.Console))]
[JsonSerializable(typeof(Bodies.Status))]
[JsonSerializable(typeof(MemoryInfo))]
[JsonSerializable(typeof(EngineCounters))]
[JsonSerializable(typeof(IReadOnlyList<EngineCounters>))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class ApiJson : JsonSerializerContext;
