using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tarn.Server.Control;

/// <summary>
/// A handler's parameter for a JSON body, which the OpenAPI document describes. It is parsed when the handler asks for it: parameters are bound
/// before the requester is authenticated.
/// </summary>
internal sealed class JsonBody<T> : IBindableFromHttpContext<JsonBody<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private readonly ControlRequest _request;

    private JsonBody(ControlRequest request) => _request = request;

    public static ValueTask<JsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<JsonBody<T>?>(new JsonBody<T>(ControlRequest.Of(context)));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => BodyMetadata.Add<T>(builder, isOptional: false);

    /// <summary>The body.</summary>
    /// <exception cref="ControlRefusalException">It is not JSON of the expected shape.</exception>
    public T Read() => _request.Read<T>();
}

/// <summary>Like <see cref="JsonBody{T}"/>, for a request that may come without a body.</summary>
internal sealed class OptionalJsonBody<T> : IBindableFromHttpContext<OptionalJsonBody<T>>, IEndpointParameterMetadataProvider
    where T : class
{
    private readonly ControlRequest _request;

    private OptionalJsonBody(ControlRequest request) => _request = request;

    public static ValueTask<OptionalJsonBody<T>?> BindAsync(HttpContext context, ParameterInfo parameter) =>
        ValueTask.FromResult<OptionalJsonBody<T>?>(new OptionalJsonBody<T>(ControlRequest.Of(context)));

    public static void PopulateMetadata(ParameterInfo parameter, EndpointBuilder builder) => BodyMetadata.Add<T>(builder, isOptional: true);

    /// <summary>The body; null if there is none.</summary>
    /// <exception cref="ControlRefusalException">There is one, and it is not JSON of the expected shape.</exception>
    public T? Read() => _request.Body.IsEmpty ? null : _request.Read<T>();
}

/// <summary>Adds the description of a body to an endpoint's metadata.</summary>
internal static class BodyMetadata
{
    /// <summary>Declares the body of an endpoint that reads it unparsed.</summary>
    public static RouteHandlerBuilder WithJson<T>(this RouteHandlerBuilder builder)
    {
        builder.Add(endpoint => Add<T>(endpoint, isOptional: false));
        return builder;
    }

    /// <remarks>No media type is named: routing would refuse requests with another <c>Content-Type</c>, and the API accepts any.</remarks>
    public static void Add<T>(EndpointBuilder builder, bool isOptional)
    {
        builder.Metadata.Add(new AcceptsMetadata([], typeof(T), isOptional));
        Refusals.Add(builder, StatusCodes.Status400BadRequest);
        Refusals.Add(builder, StatusCodes.Status408RequestTimeout);
        Refusals.Add(builder, StatusCodes.Status413PayloadTooLarge);
        Refusals.Add(builder, StatusCodes.Status507InsufficientStorage);
    }
}
