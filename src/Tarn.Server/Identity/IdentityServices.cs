using Tarn.Core.Access;
using Tarn.Core.Applications;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;

namespace Tarn.Server.Identity;

/// <summary>Registers the identity services.</summary>
internal static class IdentityServices
{
    /// <summary>Adds the identity store, the sources of credentials and policies, and the account directory.</summary>
    /// <param name="services">The services to add to.</param>
    /// <param name="identity">The caller keeps ownership.</param>
    public static IServiceCollection AddTarnIdentity(this IServiceCollection services, ServerIdentity identity) => services
        .AddSingleton(identity.Store)
        .AddSingleton(identity.Store.Organizations)
        .AddSingleton<AccessKeyUses>()
        .AddSingleton<StatedSecrets>()
        .AddSingleton<Applications>()
        .AddSingleton(identity.Secrets)
        .AddSingleton(identity.Credentials)
        .AddSingleton<JobRequesters>()
        .AddSingleton<ITokenSource>(identity.Store.Tokens)
        .AddSingleton<IAccountDirectory, StoredAccounts>()
        .AddSingleton<IOrganizationPolicySource, StoredOrganizationPolicies>();
}
