using System.Buffers;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tarn.Server.Control;

/// <summary>Writes the JSON answers of the control API.</summary>
internal static class Answers
{
    public const string MediaType = "application/json";

    /// <summary>Writes a value as the whole answer.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="value">The value.</param>
    /// <param name="about">What the answer is about, for the audit log; null for nothing.</param>
    public static async Task WriteAsync<T>(HttpContext context, int status, T value, object? about = null)
    {
        ControlRequest.Of(context).Made = (about as IIdentified)?.Identity;
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            JsonSerializer.Serialize(writer, value, context.RequestServices.GetRequiredService<JsonSerializerContext>().TypeOf<T>());
        }

        await SendAsync(context, status, body.WrittenMemory);
    }

    /// <summary>Writes a refusal in the envelope. Needs no services, since requests that reach no endpoint are refused too.</summary>
    public static Task WriteFailureAsync(HttpContext context, int status, string message)
    {
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer";
        }

        return SendAsync(context, status, JsonSerializer.SerializeToUtf8Bytes(new Failure(false, message), FailureJson.Default.Failure));
    }

    /// <summary>Adds an answer of type <typeparamref name="T"/> to the OpenAPI document.</summary>
    public static void Describe<T>(EndpointBuilder builder, int status) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(status, typeof(T), [MediaType]));

    private static async Task SendAsync(HttpContext context, int status, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = MediaType;
        context.Response.ContentLength = body.Length;

        // Some answers contain secrets, and none is worth caching.
        context.Response.Headers.CacheControl = "no-store";
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}

/// <summary>Answers 200 with data in the envelope.</summary>
internal sealed class Data<T>(T data) : IResult, IEndpointMetadataProvider
    where T : class
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Answers.Describe<Envelope<T>>(builder, StatusCodes.Status200OK);

    public Task ExecuteAsync(HttpContext httpContext) => Answers.WriteAsync(httpContext, StatusCodes.Status200OK, new Envelope<T>(true, data), data);
}

/// <summary>Answers 201 with data in the envelope, about something that the request created.</summary>
internal sealed class Made<T>(T data) : IResult, IEndpointMetadataProvider
    where T : class
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Answers.Describe<Envelope<T>>(builder, StatusCodes.Status201Created);

    public Task ExecuteAsync(HttpContext httpContext) => Answers.WriteAsync(httpContext, StatusCodes.Status201Created, new Envelope<T>(true, data), data);
}

/// <summary>Something that a request can make, and that has an id of its own, which is no secret.</summary>
internal interface IIdentified
{
    /// <summary>The id.</summary>
    string Identity { get; }
}

/// <summary>Answers 200 with the envelope alone.</summary>
internal sealed class Done : IResult, IEndpointMetadataProvider
{
    public static Done Instance { get; } = new();

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Answers.Describe<Acknowledgement>(builder, StatusCodes.Status200OK);

    public Task ExecuteAsync(HttpContext httpContext) => Answers.WriteAsync(httpContext, StatusCodes.Status200OK, new Acknowledgement(true));
}

/// <summary>Answers 200 with data without an envelope, for APIs that have none.</summary>
internal sealed class Bare<T>(T data) : IResult, IEndpointMetadataProvider
    where T : class
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => Answers.Describe<T>(builder, StatusCodes.Status200OK);

    public Task ExecuteAsync(HttpContext httpContext) => Answers.WriteAsync(httpContext, StatusCodes.Status200OK, data, data);
}

/// <summary>The JSON of failures, which are written before there are services.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Failure))]
internal sealed partial class FailureJson : JsonSerializerContext;
