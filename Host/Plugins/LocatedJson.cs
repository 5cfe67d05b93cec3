using System.Text;
using System.Text.Json;

namespace Hospes.Host.Plugins;

/// <summary>A JSON value that knows where it stands, so that what is wrong with it can be pointed at.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">File, line and column, each from 1.</param>
/// <param name="Text">A string's text; else null.</param>
/// <param name="Members">An object's members in order, duplicates included; else empty.</param>
/// <param name="Items">An array's items; else empty.</param>
/// <param name="Element">The same value for those who need no places.</param>
internal sealed record LocatedJson(
    JsonValueKind Kind, string Place, string? Text, IReadOnlyList<LocatedMember> Members, IReadOnlyList<LocatedJson> Items, JsonElement Element)
{
    private static readonly JsonReaderOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Reads a whole file's text.</summary>
    /// <exception cref="JsonException">It is not JSON; line and column are those of <paramref name="file"/>, from 0.</exception>
    internal static LocatedJson Parse(string file, byte[] text)
    {
        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        if (text.AsSpan().StartsWith(mark))
            text = text[mark.Length..];
        var reader = new Utf8JsonReader(text, Options);
        reader.Read();
        LocatedJson value = ReadValue(ref reader, file, text);
        // Anything but white space after the value is an error that only the next read finds.
        reader.Read();
        return value;
    }

    private static LocatedJson ReadValue(ref Utf8JsonReader reader, string file, byte[] text)
    {
        var start = (int)reader.TokenStartIndex;
        string place = PlaceOf(file, text, start);
        string? literal = null;
        List<LocatedMember> members = [];
        List<LocatedJson> items = [];
        JsonValueKind kind = reader.TokenType switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        };
        if (kind == JsonValueKind.String)
            literal = reader.GetString();
        while (kind == JsonValueKind.Object && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string name = reader.GetString()!;
            string namePlace = PlaceOf(file, text, (int)reader.TokenStartIndex);
            reader.Read();
            members.Add(new LocatedMember(name, namePlace, ReadValue(ref reader, file, text)));
        }
        while (kind == JsonValueKind.Array && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            items.Add(ReadValue(ref reader, file, text));
        var documentOptions = new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
        using JsonDocument document = JsonDocument.Parse(text.AsMemory(start, (int)reader.BytesConsumed - start), documentOptions);
        return new LocatedJson(kind, place, literal, members, items, document.RootElement.Clone());
    }

    private static string PlaceOf(string file, byte[] text, int offset)
    {
        ReadOnlySpan<byte> before = text.AsSpan(0, offset);
        int line = before.Count((byte)'\n') + 1;
        int column = Encoding.UTF8.GetCharCount(before[(before.LastIndexOf((byte)'\n') + 1)..]) + 1;
        return $"{file}:{line}:{column}";
    }
}
