using Scalar.AspNetCore;
using Tarn.Core;

namespace Tarn.Server.Control.Endpoints;

/// <summary><c>/docs</c>: a page that shows <see cref="ApiDocument"/> and can send requests. All of it comes from this server.</summary>
internal sealed class ApiPage(IRandomSource random)
{
    public const string Path = "/docs";

    public void Map(IEndpointRouteBuilder routes) => routes.MapScalarApiReference(Path, (options, context) =>
    {
        options.AddDocument(ApiDocument.Name, "Tarn control API", ApiDocument.Path);
        options.Title = "Tarn control API";
        options.DefaultFonts = false;
        options.Telemetry = false;
        options.HideClientButton = true;
        options.PersistentAuthentication = false;
        options.DisableAgent();
        options.DisableMcp();
        options.HideDeveloperTools();
        options.Nonce = PolicyNonce.Create(random);

        // The page's scripts could load from other hosts: the policy forbids it.
        context.Response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; script-src 'self' 'nonce-{options.Nonce}'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
            + "font-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";
    }).ExcludeFromDescription();
}
