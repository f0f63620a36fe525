using System.Text.Json;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Tarn.Server.Control.Endpoints;

/// <summary><c>/openapi/v1.json</c>: the OpenAPI document, made of the endpoints that are mapped and of their handlers' documentation.</summary>
/// <param name="provider">Makes the document.</param>
internal sealed class ApiDocument([FromKeyedServices(ApiDocument.Name)] IOpenApiDocumentProvider provider)
{
    public const string Name = "v1";

    public const string Path = $"/openapi/{Name}.json";

    private byte[]? _json;

    /// <summary>Adds what makes the document.</summary>
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

    /// <summary>This document.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        // Made once, for anybody may ask: what is mapped does not change. Two requests at once make the same.
        byte[] json = _json ??= await CreateAsync(context.RequestAborted);
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

    /// <summary>Makes the options from which schemas are made those by which bodies are read and written.</summary>
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
