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
            new AccessKeyRequest { Expires = AccessKeyEndpoints.Expiry(wanted.DurationSeconds, MaxSeconds, time), By = request.Credential },
            request.CancellationToken);
        return new(new CwNewKey(made.Key.Id, made.SecretKey));
    }

    /// <summary>Lists the access keys of the organization and of its users, and temporary ones.</summary>
    public async Task<Bare<CwKeyList>> ListAsync(ControlRequest request)
    {
        IReadOnlyList<AccessKey> keys = await identity.Keys.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
        IReadOnlyList<TemporaryKey> temporary = await identity.TemporaryKeys.AllAsync(request.Principal.OrganizationId, null, request.CancellationToken);
        return new(new CwKeyList([.. keys.Select(CwKeyInfo.Of), .. temporary.Select(CwKeyInfo.Of)]));
    }

    /// <summary>Shows an access key.</summary>
    /// <param name="id">The access key id.</param>
    public async Task<Bare<CwKeyInfo>> GetAsync(ControlRequest request, string id) =>
        new(await FindTemporaryAsync(request, id) is { } temporary && temporary.Expires > time.GetUtcNow()
            ? CwKeyInfo.Of(temporary)
            : CwKeyInfo.Of(await AdministeredKeys.GetAsync(request, identity, id)));

    /// <summary>Revokes an access key: it stops working at once.</summary>
    public async Task<Bare<CwDone>> RevokeKeyAsync(ControlRequest request, JsonBody<CwKeyRevocation> body)
    {
        string id = body.Read().AccessKey;
        if (await FindTemporaryAsync(request, id) is { } temporary)
        {
            await identity.TemporaryKeys.RevokeAsync(temporary, request.CancellationToken);
            return new(CwDone.Instance);
        }

        AccessKey key = await AdministeredKeys.GetAsync(request, identity, id);
        await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
        return new(CwDone.Instance);
    }

    /// <summary>Revokes all access keys of one principal.</summary>
    public async Task<Bare<CwDone>> RevokePrincipalAsync(ControlRequest request, JsonBody<CwPrincipalRevocation> body)
    {
        string name = body.Read().PrincipalName;
        IReadOnlyList<AccessKey> all = await identity.Keys.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
        AccessKey[] keys = [.. all.Where(key => CwPrincipals.Name(key.Organization, key.User) == name)];
        IReadOnlyList<TemporaryKey> temporary = IdentityRules.PrincipalName(name) is null
            ? await identity.TemporaryKeys.AllAsync(request.Principal.OrganizationId, name, request.CancellationToken)
            : [];
        foreach (TemporaryKey key in temporary)
        {
            await identity.TemporaryKeys.RevokeAsync(key, request.CancellationToken);
        }

        if (keys.Length == 0 && temporary.Count == 0)
        {
            throw ControlRefusalException.NotFound($"the principal '{name}' has no access keys");
        }

        foreach (AccessKey key in keys)
        {
            await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
        }

        return new(CwDone.Instance);
    }

    /// <summary>A temporary key that the requester may see; null when there is none.</summary>
    private async ValueTask<TemporaryKey?> FindTemporaryAsync(ControlRequest request, string id) =>
        IdentityRules.AccessKeyId(id) is null
        && await identity.TemporaryKeys.FindAsync(id, request.CancellationToken) is { } temporary && request.MayAdminister(temporary.Organization)
            ? temporary
            : null;
}
