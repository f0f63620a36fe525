using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Tarn.Server.Control.Endpoints;

/// <summary><c>/openapi/v1.json</c>: the OpenAPI document, generated from the mapped endpoints and their handlers' documentation.</summary>
/// <param name="provider">Generates the document.</param>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    public const string Path = $"/openapi/{Name}.json";

    private Task<byte[]>? _json;

    /// <summary>Adds the services that generate the document.</summary>
    public static IServiceCollection AddTo(IServiceCollection services) => services
        .ConfigureHttpJsonOptions(json => UseTypesOfControl(json.SerializerOptions))
        .AddOpenApi(Name, options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            options.AddOperationTransformer(ApiDescription.CompleteAsync);
            options.AddDocumentTransformer(ApiDescription.CompleteAsync);
        })
        .AddSingleton<ApiDocument>();

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(Path, (Delegate)WriteAsync)
        .WithTags(Tags.Description).Produces<JsonElement>(StatusCodes.Status200OK, Answers.MediaType);

    /// <summary>Writes the document.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        // Generated once, since the endpoints do not change and anyone may ask. Not cancelled with the request that starts it: others may be waiting for it.
        byte[] json = await (_json ??= CreateAsync(CancellationToken.None)).WaitAsync(context.RequestAborted);
        context.Response.ContentType = Answers.MediaType;
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    private async Task<byte[]> CreateAsync(CancellationToken cancellationToken)
    {
        OpenApiDocument document = await provider.GetOpenApiDocumentAsync(cancellationToken);
        using var json = new MemoryStream();
        await document.SerializeAsJsonAsync(json, OpenApiSpecVersion.OpenApi3_1, cancellationToken);
        return json.ToArray();
    }

    /// <summary>Generates schemas with the options by which bodies are read and written.</summary>
    private static void UseTypesOfControl(JsonSerializerOptions options)
    {
        JsonSerializerOptions control = ControlJson.Default.Options;
        options.TypeInfoResolverChain.Clear();
        options.TypeInfoResolverChain.Add(ControlJson.Default);
        options.PropertyNamingPolicy = control.PropertyNamingPolicy;
        options.PropertyNameCaseInsensitive = control.PropertyNameCaseInsensitive;
        options.NumberHandling = control.NumberHandling;
        options.DefaultIgnoreCondition = control.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = control.UnmappedMemberHandling;
        options.RespectNullableAnnotations = control.RespectNullableAnnotations;
        options.RespectRequiredConstructorParameters = control.RespectRequiredConstructorParameters;
    }
}
