using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Tarn.Server.Control;

namespace Tarn.Tests.Control;

/// <summary>An endpoint as a host has it.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Path">Path, parameters in braces.</param>
/// <param name="IsAuthenticated">Whether the requester is authenticated.</param>
/// <param name="IsDescribed">Whether the OpenAPI document must contain it.</param>
/// <param name="StreamsBody">Whether it reads its body itself, whatever the length.</param>
internal sealed record ControlEndpoint(string Method, string Path, bool IsAuthenticated, bool IsDescribed, bool StreamsBody)
{
    public string Name => $"{Method} {Path}";

    /// <summary>Every endpoint that a host maps, except the fallback.</summary>
    public static IReadOnlyList<ControlEndpoint> Mapped(IServiceProvider services) =>
    [
        .. from endpoint in services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
           let methods = endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()
           where methods is not null
           from method in methods.HttpMethods
           select new ControlEndpoint(
               method,
               endpoint.RoutePattern.RawText!.TrimEnd('/'),
               endpoint.Metadata.GetMetadata<Authenticated>() is not null,
               endpoint.Metadata.GetMetadata<IExcludeFromDescriptionMetadata>() is null,
               endpoint.Metadata.GetMetadata<StreamsBody>() is not null),
    ];
}
