using System.Text.Json.Serialization;

namespace Hospes.Host.DomainProcess.Control;

/// <summary>JSON of the control channel and of a domain's files, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ControlMessage))]
[JsonSerializable(typeof(DomainLaunch))]
internal sealed partial class ControlJson : JsonSerializerContext;
