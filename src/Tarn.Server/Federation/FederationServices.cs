using Tarn.Core.Federation;
using Tarn.Server.Configuration;

namespace Tarn.Server.Federation;

/// <summary>Registers what verifies tokens of issuers and issues credentials for them, and asks issuers who signs in to the console.</summary>
internal static class FederationServices
{
    public static IServiceCollection AddTarnFederation(this IServiceCollection services, ServerOptions options) => services
        .AddSingleton(provider => new IssuerDocuments(options.OidcPlainLoopback, provider.GetRequiredService<TimeProvider>()))
        .AddSingleton<IssuerKeys>()
        .AddSingleton<IssuerSignIns>()
        .AddSingleton<IWebTokenVerifier, JsonWebTokenVerifier>()
        .AddSingleton<WebIdentities>();
}
