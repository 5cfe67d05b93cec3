using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Hospes.Host.Scheduling;
using Hospes.Sdk;

namespace Hospes.Host.Domains.Records;

/// <summary>
/// A domain's share of the CPUs: <c>{"configured":{"cpu_weight":512},"own":{"sedf period":20},"affinity":{"0":"0x1"}}</c>, the last as masks of pCPUs.
/// </summary>
internal sealed class TuningJsonConverter : JsonConverter<DomainTuning>
{
    /// <inheritdoc/>
    public override DomainTuning Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            JsonElement root = document.RootElement;
            return new DomainTuning
            {
                Configured = DomainTuning.Default.Configured.AddRange(
                    root.GetProperty("configured").EnumerateObject().Select(static set => KeyValuePair.Create(set.Name, set.Value.GetInt64()))),
                Own = DomainTuning.Default.Own.AddRange(
                    root.GetProperty("own").EnumerateObject().Select(static set => KeyValuePair.Create(Pair(set.Name), set.Value.GetInt64()))),
                Affinity = root.GetProperty("affinity").EnumerateObject().ToImmutableSortedDictionary(
                    static pin => int.Parse(pin.Name, CultureInfo.InvariantCulture),
                    static pin => new PcpuSet(ulong.Parse(pin.Value.GetString()!.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture))),
            };
        }
        catch (Exception wrong) when (wrong is KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException or OverflowException)
        {
            throw new JsonException($"this is no share of the CPUs: {wrong.Message}", wrong);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DomainTuning value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("configured");
        foreach ((string key, long number) in value.Configured)
            writer.WriteNumber(key, number);
        writer.WriteEndObject();
        writer.WriteStartObject("own");
        foreach (((string scheduler, string parameter), long number) in value.Own)
            writer.WriteNumber($"{scheduler} {parameter}", number);
        writer.WriteEndObject();
        writer.WriteStartObject("affinity");
        foreach ((int vcpu, PcpuSet pcpus) in value.Affinity)
            writer.WriteString(vcpu.ToString(CultureInfo.InvariantCulture), $"0x{pcpus.Mask:x}");
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static (string Scheduler, string Parameter) Pair(string name) =>
        name.Split(' ') is [string scheduler, string parameter] ? (scheduler, parameter) : throw new FormatException($"'{name}' is not SCHEDULER PARAMETER");
}
