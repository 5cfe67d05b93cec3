using System.Text.Json.Serialization.Metadata;

namespace Hospes.Host.Api;

/// <summary>What the description of the API says of one route.</summary>
/// <param name="Summary">One sentence.</param>
/// <param name="Body">The JSON that it takes, if it takes any.</param>
/// <param name="Answer">The JSON that it answers; null: see <see cref="AnswerMedia"/>.</param>
internal sealed record ApiOperation(string Summary, JsonTypeInfo? Body = null, JsonTypeInfo? Answer = null)
{
    /// <summary>The media type of a body that is no JSON.</summary>
    public string? BodyMedia { get; init; }

    /// <summary>The media type of the answer; null with no <see cref="Answer"/>: an empty JSON object, which says that it is done.</summary>
    public string? AnswerMedia { get; init; }

    /// <summary>Parameters of the query, with what they mean.</summary>
    public IReadOnlyList<(string Name, string Help)> Query { get; init; } = [];
}
