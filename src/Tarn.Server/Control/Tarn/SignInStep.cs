using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tarn.Server.Control.Tarn;

/// <summary>Sends the browser somewhere, by 302.</summary>
/// <param name="location">Where.</param>
internal sealed class SignInStep(string location) : IResult, IEndpointMetadataProvider
{
    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) => builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status302Found, typeof(void)));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        HttpResponse response = httpContext.Response;
        response.StatusCode = StatusCodes.Status302Found;
        response.Headers.Location = location;

        // The URL that is left has a code in it, and the one that it leads to a state.
        response.Headers.CacheControl = "no-store";
        response.Headers["Referrer-Policy"] = "no-referrer";
        return Task.CompletedTask;
    }
}
