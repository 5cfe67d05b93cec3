using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Hospes.Host.Verbs;

namespace Hospes.Host.Api;

/// <summary>The description of the JSON API as OpenAPI 3.1 has it, for programs that make clients. Schemas come from the types that are sent.</summary>
internal static partial class ApiDocument
{
    private const string Json = "application/json";

    /// <summary>The document.</summary>
    public static JsonObject Make()
    {
        JsonObject paths = [];
        foreach ((string route, ApiOperation operation) in ApiOperations.All)
        {
            string[] words = route.Split(' ');
            JsonObject path = paths[words[1]] as JsonObject ?? [];
            path[words[0].ToLowerInvariant()] = Describe(words[1], operation);
            paths[words[1]] = path;
        }

        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "xend",
                ["version"] = VersionVerb.Version,
                ["description"] = "The control plane of a Hospes appliance, on the Unix socket var/run/xend/xend.sock. {ref} is a domain's name, its number or its uuid.",
            },
            ["paths"] = paths,
        };
    }

    /// <summary>Answers with it.</summary>
    public static Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = Json;
        return context.Response.WriteAsync(Make().ToJsonString(), context.RequestAborted);
    }

    private static JsonObject Describe(string path, ApiOperation operation)
    {
        JsonObject described = new() { ["summary"] = operation.Summary };
        JsonArray parameters =
        [
            .. Parameter().Matches(path).Select(static match => Parameter(match.Groups[1].Value, "path", null)),
            .. operation.Query.Select(static query => Parameter(query.Name, "query", query.Help)),
        ];
        if (parameters.Count > 0)
            described["parameters"] = parameters;
        if (operation.Body is { } body)
            described["requestBody"] = new JsonObject { ["content"] = Content(Json, Schema(body)) };
        else if (operation.BodyMedia is { } media)
            described["requestBody"] = new JsonObject { ["required"] = true, ["content"] = Content(media, new JsonObject { ["type"] = "string" }) };
        described["responses"] = new JsonObject
        {
            ["2XX"] = new JsonObject
            {
                ["description"] = "Done",
                ["content"] = Content(operation.AnswerMedia ?? Json, operation.Answer is { } answer ? Schema(answer)
                    : new JsonObject { ["type"] = operation.AnswerMedia is null or Json ? "object" : "string" }),
            },
            ["default"] = new JsonObject { ["description"] = "Refused, with a code of xend's: 1 internal, 2 generic, 3 invalid domain", ["content"] = Content(Json, Schema(ApiJson.Default.Fault)) },
        };
        return described;
    }

    private static JsonNode Parameter(string name, string place, string? help)
    {
        JsonObject parameter = new() { ["name"] = name, ["in"] = place, ["required"] = place == "path", ["schema"] = new JsonObject { ["type"] = "string" } };
        if (help is not null)
            parameter["description"] = help;
        return parameter;
    }

    private static JsonObject Content(string media, JsonNode schema) => new() { [media] = new JsonObject { ["schema"] = schema } };

    private static JsonNode Schema(JsonTypeInfo type) => type.GetJsonSchemaAsNode(new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });

    [GeneratedRegex(@"\{([a-z]+)\}", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Parameter();
}
