using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Hospes.Sxp;

namespace Hospes.Host.Api;

/// <summary>Reading requests and writing answers.</summary>
internal static class ApiContext
{
    /// <summary>Longer bodies are refused: no configuration comes near it.</summary>
    public const int MaximumBody = 1 << 20;

    /// <summary>
    /// So much is read all the same, and forgotten: a client that is still sending when the connection closes would see a broken pipe, not the answer.
    /// </summary>
    public const int MaximumReceived = 16 << 20;

    /// <summary>The domain that the address names. Routing leaves an escaped slash as it is; names of domains may hold one.</summary>
    public static string DomainReference(this HttpContext context) =>
        ((string)context.Request.RouteValues["ref"]!).Replace("%2f", "/", StringComparison.OrdinalIgnoreCase);

    /// <summary>The request's JSON body, or null when it has none.</summary>
    /// <exception cref="XendException">It is no JSON, or not of this shape.</exception>
    public static async Task<TBody?> ReadBodyAsync<TBody>(this HttpContext context, JsonTypeInfo<TBody> type)
        where TBody : class
    {
        string text = await context.ReadTextAsync();
        if (string.IsNullOrWhiteSpace(text))
            return null;
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException wrong)
        {
            throw XendException.Generic($"The request's body is not the JSON that {context.Request.Path} takes: {wrong.Message}", wrong);
        }
    }

    /// <summary>The request's body as text.</summary>
    /// <exception cref="XendException">It is too long.</exception>
    public static async Task<string> ReadTextAsync(this HttpContext context)
    {
        try
        {
            using MemoryStream taken = new();
            byte[] buffer = new byte[16 << 10];
            long length = 0;
            for (int count; (count = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0;)
            {
                length += count;
                if (length <= MaximumBody)
                    taken.Write(buffer.AsSpan(0, count));
            }

            if (length > MaximumBody)
                throw XendException.Generic($"The request's body is too long: {length} bytes, at most {MaximumBody} bytes are taken.");
            taken.Position = 0;
            using StreamReader reader = new(taken, Encoding.UTF8);
            return await reader.ReadToEndAsync(context.RequestAborted);
        }
        catch (BadHttpRequestException wrong)
        {
            throw XendException.Generic($"The request's body cannot be read (at most {MaximumBody} bytes are taken): {wrong.Message}", wrong);
        }
    }

    /// <summary>Answers with JSON.</summary>
    public static Task WriteJsonAsync<TValue>(this HttpContext context, TValue value, JsonTypeInfo<TValue> type) =>
        context.Response.WriteAsJsonAsync(value, type, cancellationToken: context.RequestAborted);

    /// <summary>Answers with text.</summary>
    public static Task WriteTextAsync(this HttpContext context, string text)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>Answers with S-expressions.</summary>
    public static Task WriteFormsAsync(this HttpContext context, params IEnumerable<SxpList> forms)
    {
        context.Response.ContentType = "application/sxp";
        return context.Response.WriteAsync(string.Concat(forms.Select(static form => SxpPrinter.Pretty(form))), context.RequestAborted);
    }

    /// <summary>Answers that it is done.</summary>
    public static Task WriteDoneAsync(this HttpContext context)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync("{}", context.RequestAborted);
    }
}
