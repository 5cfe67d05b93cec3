namespace Hospes.Host.Api;

/// <summary>
/// <c>xensec_ezpolicy</c> as a page: organisations, departments and run-time exclusion rules, saved as a workload definition by the browser or as a policy by
/// <c>POST /v1/security/workloads</c>. And <c>xensec_gen</c>: the types, conflict sets and labels of a policy, refined one by one. Reached where
/// <c>(xend-http-server yes)</c> opens a port. Their parts come from here alone.
/// </summary>
internal static class PolicyPages
{
    private const string Workloads = "/xensec_ezpolicy";
    private const string Labels = "/xensec_gen";

    /// <summary>The one request of the pages that a browser sends with its origin.</summary>
    public const string SavePath = "/v1/security/workloads";

    private static readonly (string Route, string Resource, string Media)[] Parts =
    [
        (Workloads, "pages/ezpolicy.html", "text/html"),
        ($"{Workloads}/ezpolicy.js", "pages/ezpolicy.js", "text/javascript"),
        (Labels, "pages/gen.html", "text/html"),
        ($"{Labels}/gen.js", "pages/gen.js", "text/javascript"),
        .. Shared(Workloads),
        .. Shared(Labels),
    ];

    /// <summary>Maps its routes.</summary>
    public static void Map(IEndpointRouteBuilder routes)
    {
        foreach ((string route, string resource, string media) in Parts)
            routes.MapGet(route, (RequestDelegate)(context => WriteAsync(context, resource, media)));
    }

    /// <summary>Whether a request with an origin comes from these very pages: an address that is checked to be this machine's, and its own.</summary>
    public static bool IsItsOwn(HttpRequest request) =>
        request.Path == SavePath && request.Headers.Origin.Count == 1 && request.Headers.Origin[0] == $"{request.Scheme}://{request.Host}";

    private static (string Route, string Resource, string Media)[] Shared(string page) =>
        [($"{page}/dialog.js", "pages/dialog.js", "text/javascript"), ($"{page}/pages.css", "pages/pages.css", "text/css")];

    private static async Task WriteAsync(HttpContext context, string resource, string media)
    {
        await using Stream content = typeof(PolicyPages).Assembly.GetManifestResourceStream(resource)!;
        context.Response.ContentType = $"{media}; charset=utf-8";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
