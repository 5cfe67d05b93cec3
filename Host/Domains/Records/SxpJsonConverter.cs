using System.Text.Json;
using System.Text.Json.Serialization;
using Hospes.Sxp;

namespace Hospes.Host.Domains.Records;

/// <summary>A form as a text.</summary>
internal sealed class SxpJsonConverter : JsonConverter<SxpList>
{
    /// <inheritdoc/>
    public override SxpList Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        try
        {
            return SxpParser.ParseForm(reader.GetString() ?? "");
        }
        catch (SxpSyntaxException wrong)
        {
            throw new JsonException(wrong.Message, wrong);
        }
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SxpList value, JsonSerializerOptions options) => writer.WriteStringValue(SxpPrinter.OneLine(value));
}
