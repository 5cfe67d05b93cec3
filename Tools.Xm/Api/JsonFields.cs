using System.Text.Json;

namespace Hospes.Xm.Api;

/// <summary>
/// Reads fields of xend's answers straight from the parsed document. Serialisers, even those made at compile time, cost xm a
/// third of its time: their metadata is generic over value types, which no ahead-of-time image holds.
/// </summary>
internal static class JsonFields
{
    /// <summary>Parses an answer and reads it.</summary>
    /// <exception cref="MalformedReplyException">It is not JSON of the expected shape.</exception>
    public static T Read<T>(byte[] answer, Func<JsonElement, T> read)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return read(document.RootElement);
        }
        catch (Exception failure) when (failure is JsonException or InvalidOperationException or FormatException)
        {
            throw new MalformedReplyException($"ProtocolError(200, {failure.Message}).");
        }
    }

    public static string Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    public static long Whole(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetInt64() : 0;

    public static double Real(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : 0;

    public static bool Flag(this JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.True;
}
