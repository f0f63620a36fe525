using System.Reflection;
using Microsoft.AspNetCore.Http.Metadata;

namespace Tarn.Server.Control.Endpoints;

/// <summary>Answers a line of ASCII text, not to be cached; to HEAD only its length.</summary>
internal sealed class TextAnswer(int status, string text) : IResult, IEndpointMetadataProvider
{
    public const string MediaType = "text/plain";

    public static void PopulateMetadata(MethodInfo method, EndpointBuilder builder) =>
        builder.Metadata.Add(new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [MediaType]));

    public Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = status;
        httpContext.Response.ContentType = MediaType;
        httpContext.Response.ContentLength = text.Length;
        httpContext.Response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(httpContext.Request.Method) ? Task.CompletedTask : httpContext.Response.WriteAsync(text, httpContext.RequestAborted);
    }
}
