using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /v1/cwobject/revoke-access-key/principal</c> with <c>{"principalName":…}</c>: all keys of one user.</summary>
internal static class CwRevokePrincipal
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/v1/cwobject/revoke-access-key/principal", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            string name = request.Read(ControlJson.Default.CwPrincipalRevocation).PrincipalName;
            IReadOnlyList<AccessKey> all = await identity.Keys.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
            AccessKey[] keys = [.. all.Where(key => CwPrincipals.Name(key.Organization, key.User) == name)];
            if (keys.Length == 0)
            {
                throw ControlRefusalException.NotFound($"the principal '{name}' has no access keys");
            }

            foreach (AccessKey key in keys)
            {
                await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
            }

            return ControlAnswer.Bare(CwDone.Instance, ControlJson.Default.CwDone);
        });
}
