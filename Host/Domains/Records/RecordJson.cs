using System.Text.Json.Serialization;

namespace Hospes.Host.Domains.Records;

/// <summary>JSON of records, without reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    WriteIndented = true,
    UseStringEnumConverter = true,
    Converters = [typeof(SxpJsonConverter), typeof(TuningJsonConverter)])]
[JsonSerializable(typeof(DomainRecord))]
[JsonSerializable(typeof(RecordVersion))]
internal sealed partial class RecordJson : JsonSerializerContext;
