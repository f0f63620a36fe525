using System.Net;
using System.Text.RegularExpressions;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace Tarn.Tests.Control;

/// <summary>The OpenAPI document of the control API, and the page that shows it.</summary>
public sealed class ApiDocumentTests : IAsyncLifetime
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
    private ControlServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await ControlServer.StartAsync();

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return _server.DisposeAsync();
    }

    [Fact]
    public async Task The_document_is_valid_and_has_exactly_the_endpoints_that_are_mapped()
    {
        OpenApiDocument document = await ReadAsync();
        string[] mapped = [.. ControlEndpoint.Mapped(_server.Services).Where(endpoint => endpoint.IsDescribed).Select(endpoint => endpoint.Name).Order(StringComparer.Ordinal)];
        Assert.Contains("POST /api/disks/{id}/share", mapped);
        Assert.Equal(mapped, Operations(document).Select(operation => operation.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_operation_is_described_with_its_parameters_answers_and_refusals()
    {
        OpenApiDocument document = await ReadAsync();
        string[] authenticated = ControlServer.EndpointsOf(_server.Services);
        foreach ((string name, OpenApiOperation operation) in Operations(document))
        {
            Assert.True(operation.Summary?.EndsWith('.'), $"{name} has no summary");
            Assert.All(operation.Parameters ?? [], parameter => Assert.True(parameter.Description?.Length > 0, $"{name}: {parameter.Name} is not described"));
            Assert.All(operation.Responses!, answer => Assert.True(answer.Value.Description?.Length > 0, $"{name}: {answer.Key} is not described"));
            bool isKnown = authenticated.Contains(name);
            Assert.Equal(!isKnown ? [] : name is "GET /api/session" or "POST /api/presign" ? ["console"] : ["token", "signature", "console"],
                (operation.Security ?? []).Select(static one => Assert.Single(one.Keys).Reference.Id!));
            Assert.Equal(isKnown || name.Contains("/temporary-credentials/oidc", StringComparison.Ordinal) || name.EndsWith("/api/session", StringComparison.Ordinal), operation.Responses!.ContainsKey("401"));
            Assert.Equal(operation.RequestBody is not null, operation.Responses.ContainsKey("413"));
            if (isKnown)
            {
                Assert.Equal(["error", "success"], operation.Responses["401"].Content!["application/json"].Schema!.Properties!.Keys.Order());
                Assert.Contains(operation.Responses.Keys, status => status is "200" or "201" or "501");
            }
        }
    }

    [Fact]
    public async Task Schemas_are_those_of_the_bodies()
    {
        OpenApiDocument document = await ReadAsync();
        OpenApiOperation create = document.Paths["/api/organizations"].Operations![HttpMethod.Post];
        IOpenApiSchema body = create.RequestBody!.Content!["application/json"].Schema!;
        Assert.Equal(["accessKey", "canonicalId", "displayName", "email", "name", "secretKey"], body.Properties!.Keys.Order());
        Assert.Equal(["name"], body.Required!);
        Assert.False(body.AdditionalPropertiesAllowed);
        IOpenApiSchema answer = create.Responses!["201"].Content!["application/json"].Schema!;
        Assert.Equal(["data", "success"], answer.Required!.Order());
        Assert.Contains("arn", answer.Properties!["data"].Properties!.Keys);
        OpenApiOperation list = document.Paths["/api/keys"].Operations![HttpMethod.Get];
        Assert.Equal(["cursor", "limit", "organization", "user"], list.Parameters!.Select(parameter => parameter.Name!).Order());
    }

    [Fact]
    public async Task The_page_and_what_it_loads_come_from_here_and_the_browser_is_told_to_keep_to_that()
    {
        using HttpResponseMessage moved = await _http.GetAsync(new Uri(_server.Url + "/docs"), TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.Found, "docs/"), (moved.StatusCode, moved.Headers.Location?.ToString()));
        using HttpResponseMessage page = await _http.GetAsync(new Uri(_server.Url + "/docs/"), TestContext.Current.CancellationToken);
        string html = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotMatch("(src|href|from)\\W+(https?:)?//", html);
        string policy = Assert.Single(page.Headers.GetValues("Content-Security-Policy"));
        Assert.StartsWith("default-src 'none'; ", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("http|\\*|unsafe-eval|script-src[^;]*unsafe-inline", policy);
        string nonce = Regex.Match(policy, "'nonce-([^']+)'").Groups[1].Value;
        MatchCollection scripts = Regex.Matches(html, "<script[^>]*");
        Assert.NotEmpty(scripts);
        Assert.All(scripts, script => Assert.Contains($"nonce=\"{nonce}\"", WebUtility.HtmlDecode(script.Value), StringComparison.Ordinal));
        foreach (Match source in Regex.Matches(html, "src=\"([^\"]+)\""))
        {
            using HttpResponseMessage script = await _http.GetAsync(new Uri($"{_server.Url}/docs/{source.Groups[1].Value}"), TestContext.Current.CancellationToken);
            Assert.Equal((HttpStatusCode.OK, "text/javascript"), (script.StatusCode, script.Content.Headers.ContentType?.MediaType));
        }
    }

    private async Task<OpenApiDocument> ReadAsync()
    {
        string json = await _http.GetStringAsync(new Uri(_server.Url + "/openapi/v1.json"), TestContext.Current.CancellationToken);
        ReadResult read = OpenApiDocument.Parse(json, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        Assert.Empty(read.Diagnostic.Warnings);
        Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
        return read.Document!;
    }

    private static IEnumerable<(string Name, OpenApiOperation Operation)> Operations(OpenApiDocument document) =>
        from path in document.Paths
        from operation in path.Value.Operations!
        select ($"{operation.Key.Method} {path.Key}", operation.Value);
}
