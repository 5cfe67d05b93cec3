using System.Text;
using System.Text.Json;

namespace Hospes.Xm.Commands;

/// <summary>Shows what xend answered as it came, only indented: scripts get every field, also those that xm does not know.</summary>
internal static class JsonPassage
{
    public static string Indent(byte[] document) => Write([document], asArray: false);

    public static string IndentArray(IReadOnlyList<byte[]> elements) => Write(elements, asArray: true);

    private static string Write(IReadOnlyList<byte[]> documents, bool asArray)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = true }))
        {
            if (asArray)
                writer.WriteStartArray();
            foreach (byte[] document in documents)
            {
                using JsonDocument parsed = JsonDocument.Parse(document);
                parsed.WriteTo(writer);
            }

            if (asArray)
                writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
