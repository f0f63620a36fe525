using Tarn.S3.Sharing;

namespace Tarn.Server.Control.Endpoints;

/// <summary><c>/api/shared/{token}</c>: serves share links to anyone who has one.</summary>
internal sealed class SharedEndpoint(ShareService sharing)
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public void Map(IEndpointRouteBuilder routes)
    {
        RouteHandlerBuilder shared = routes.MapMethods(ShareService.Path + "{token}", Methods, OpenAsync).WithTags("Share links");
        foreach (int status in (ReadOnlySpan<int>)[200, 206])
        {
            shared.Produces(status, responseType: null, "application/octet-stream");
        }

        foreach (int status in (ReadOnlySpan<int>)[403, 404, 410, 412, 416, 503])
        {
            shared.Produces<string>(status, TextAnswer.MediaType);
        }
    }

    /// <summary>Reads the file or object of a share link, or a range of it.</summary>
    /// <param name="token">The token at the end of the link's URL.</param>
    public Task OpenAsync(HttpContext context, string token)
    {
        // The link may stand in a page of anyone's, as a picture.
        context.Response.Headers.Remove("Cross-Origin-Resource-Policy");
        return sharing.HandleAsync(context, token, isSaved: true);
    }
}
