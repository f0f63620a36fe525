using Tarn.S3.Sharing;

namespace Tarn.Server.Control;

/// <summary><c>GET</c> and <c>HEAD /api/shared/{token}</c>: what a share link opens, for whoever has it.</summary>
internal static class SharedEndpoint
{
    private static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static void Map(IEndpointRouteBuilder routes, ShareService sharing) => routes.MapMethods(
        ShareService.Path + "{token}", Methods, context => sharing.HandleAsync(context, context.GetRouteValue("token") as string ?? ""));
}
