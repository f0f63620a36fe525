using Tarn.Core.Access;
using Tarn.Core.Identity;

namespace Tarn.Server.Identity;

/// <summary>Registers who may use the server.</summary>
internal static class IdentityServices
{
    /// <param name="services">Get the store of identities, the keys and tokens that requests are verified with, and what names and policies say.</param>
    /// <param name="identity">Stays the caller's.</param>
    public static IServiceCollection AddTarnIdentity(this IServiceCollection services, ServerIdentity identity) => services
        .AddSingleton(identity.Store)
        .AddSingleton(identity.Store.Organizations)
        .AddSingleton(identity.Secrets)
        .AddSingleton(identity.Credentials)
        .AddSingleton<ITokenSource>(identity.Store.Tokens)
        .AddSingleton<IAccountDirectory, StoredAccounts>()
        .AddSingleton<IOrganizationPolicySource, StoredOrganizationPolicies>();
}
