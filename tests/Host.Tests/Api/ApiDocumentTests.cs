using System.Text.Json.Nodes;
using Hospes.Host.Api;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Hospes.Host.Tests.Api;

/// <summary>The description of the API is that of the API: the routes are compared, both ways.</summary>
public sealed class ApiDocumentTests
{
    [Fact]
    public async Task Every_route_is_described_and_nothing_else_is()
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore();
        await using WebApplication application = builder.Build();
        ApiEndpoints.Map(application);
        IEnumerable<string> routes = ((IEndpointRouteBuilder)application).DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>()
            .Where(static route => route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(static route => route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method} {route.RoutePattern.RawText}"));
        ApiOperations.All.Keys.Should().BeEquivalentTo(routes);
    }

    [Fact]
    public void The_document_is_of_the_form_that_clients_are_made_of()
    {
        JsonObject document = ApiDocument.Make();
        document["openapi"]!.ToString().Should().Be("3.1.0");
        JsonObject paths = document["paths"]!.AsObject();
        paths.Should().HaveCountGreaterThan(30);
        foreach ((string path, JsonNode? methods) in paths)
        {
            foreach ((string method, JsonNode? operation) in methods!.AsObject())
            {
                method.Should().BeOneOf("get", "post");
                operation!["summary"]!.ToString().Should().NotBeEmpty(path);
                operation["responses"]!.AsObject().Should().HaveCount(2);
                int parameters = operation["parameters"]?.AsArray().Count(static parameter => parameter!["in"]!.ToString() == "path") ?? 0;
                parameters.Should().Be(path.Count(static c => c == '{'), path);
            }
        }

        JsonNode domain = paths["/v1/domains/{ref}"]!["get"]!["responses"]!["2XX"]!["content"]!["application/json"]!["schema"]!;
        domain["properties"]!.AsObject().Select(static property => property.Key).Should().Contain(["domid", "name", "uuid", "state", "managed"]);
    }
}
