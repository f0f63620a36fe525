using Tarn.Core.Identity;
using Tarn.Server.Control.Tarn;

namespace Tarn.Server.Control.CoreWeave;

/// <summary>
/// <c>/v1/cwobject/access-key</c> and <c>/v1/cwobject/revoke-access-key</c>, for the requester's organization. Source: CoreWeave, AI Object Storage API,
/// "Create access key" and the related pages.
/// </summary>
internal sealed class CoreWeaveKeyEndpoints(IdentityStore identity, TimeProvider time)
{
    /// <summary>12 hours.</summary>
    private const long MaxSeconds = 43_200;

    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder keys = api.MapGroup("/v1/cwobject").WithTags("CoreWeave");
        keys.MapPost("/access-key", CreateAsync).WithName("CwCreateAccessKey").ForRoot();
        keys.MapGet("/access-key", ListAsync).WithName("CwListAccessKeys").ForRoot();
        keys.MapGet("/access-key/{id}", GetAsync).WithName("CwGetAccessKey").Refuses(404);
        keys.MapPost("/revoke-access-key/access-key", RevokeKeyAsync).WithName("CwRevokeAccessKey").Refuses(404);
        keys.MapPost("/revoke-access-key/principal", RevokePrincipalAsync).WithName("CwRevokePrincipal").ForRoot().Refuses(404);
    }

    /// <summary>Creates an access key of the root user, without end or for at most 12 hours.</summary>
    /// <remarks>The secret key is shown only once.</remarks>
    public async Task<Bare<CwNewKey>> CreateAsync(ControlRequest request, JsonBody<CwKeyBody> body)
    {
        CwKeyBody wanted = body.Read();
        NewAccessKey made = await identity.Keys.CreateAsync(
            request.Principal.OrganizationId,
            null,
            new AccessKeyRequest { Expires = AccessKeyEndpoints.Expiry(wanted.DurationSeconds, MaxSeconds, time) },
            request.CancellationToken);
        return new(new CwNewKey(made.Key.Id, made.SecretKey));
    }

    /// <summary>Lists the access keys of the organization and of its users.</summary>
    public async Task<Bare<CwKeyList>> ListAsync(ControlRequest request)
    {
        IReadOnlyList<AccessKey> keys = await identity.Keys.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
        return new(new CwKeyList([.. keys.Select(CwKeyInfo.Of)]));
    }

    /// <summary>Shows an access key.</summary>
    /// <param name="id">The access key id.</param>
    public async Task<Bare<CwKeyInfo>> GetAsync(ControlRequest request, string id) =>
        new(CwKeyInfo.Of(await AdministeredKeys.GetAsync(request, identity, id)));

    /// <summary>Revokes an access key: it stops working at once.</summary>
    public async Task<Bare<CwDone>> RevokeKeyAsync(ControlRequest request, JsonBody<CwKeyRevocation> body)
    {
        AccessKey key = await AdministeredKeys.GetAsync(request, identity, body.Read().AccessKey);
        await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
        return new(CwDone.Instance);
    }

    /// <summary>Revokes all access keys of one principal.</summary>
    public async Task<Bare<CwDone>> RevokePrincipalAsync(ControlRequest request, JsonBody<CwPrincipalRevocation> body)
    {
        string name = body.Read().PrincipalName;
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

        return new(CwDone.Instance);
    }
}
