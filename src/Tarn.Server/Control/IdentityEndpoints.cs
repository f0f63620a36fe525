using Tarn.Core.Identity;
using Tarn.Server.Control.Identity;

namespace Tarn.Server.Control;

/// <summary>The endpoints of organizations, users, keys, tokens and policies.</summary>
internal static class IdentityEndpoints
{
    public static void AddTo(ControlApi api, IdentityStore identity, TimeProvider time)
    {
        CreateOrganization.AddTo(api, identity);
        ListOrganizations.AddTo(api, identity);
        GetOrganization.AddTo(api, identity);
        DeleteOrganization.AddTo(api, identity);

        CreateUser.AddTo(api, identity);
        ListUsers.AddTo(api, identity);
        GetUser.AddTo(api, identity);
        DeleteUser.AddTo(api, identity);
        AddUserToGroup.AddTo(api, identity);
        RemoveUserFromGroup.AddTo(api, identity);

        CreateAccessKey.AddTo(api, identity, time);
        ListAccessKeys.AddTo(api, identity);
        GetAccessKey.AddTo(api, identity);
        RotateAccessKey.AddTo(api, identity);
        RevokeAccessKey.AddTo(api, identity);

        CreateToken.AddTo(api, identity);
        ListTokens.AddTo(api, identity);
        DeleteToken.AddTo(api, identity);

        PutOrganizationPolicy.AddTo(api, identity);
        GetOrganizationPolicy.AddTo(api, identity);
        ListOrganizationPolicies.AddTo(api, identity);
        DeleteOrganizationPolicy.AddTo(api, identity);

        CwCreateAccessKey.AddTo(api, identity, time);
        CwListAccessKeys.AddTo(api, identity);
        CwGetAccessKey.AddTo(api, identity);
        CwRevokeAccessKey.AddTo(api, identity);
        CwRevokePrincipal.AddTo(api, identity);
        CwEnsureAccessPolicy.AddTo(api, identity);
        CwListAccessPolicies.AddTo(api, identity);
        CwDeleteAccessPolicy.AddTo(api, identity);
    }
}
