using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>
/// Finds access keys for those who administer their organization and for the user who has them; for others they do not exist. A key with a policy sees itself alone.
/// </summary>
internal static class VisibleKeys
{
    /// <summary>Finds a key to show.</summary>
    /// <exception cref="ControlRefusalException">404: there is none that the requester may see.</exception>
    public static async ValueTask<AccessKey> GetAsync(ControlRequest request, IdentityStore identity, string id) =>
        await identity.Keys.FindAsync(id, request.CancellationToken) is { } key && Sees(request, key)
            ? key
            : throw ControlRefusalException.NotFound($"there is no access key '{id}'");

    /// <summary>Finds a key to rotate or revoke: a user's own only if it has a policy, since users do not create others themselves.</summary>
    /// <exception cref="ControlRefusalException">404: there is none that the requester may see; 403: the requester may only see it.</exception>
    public static async ValueTask<AccessKey> GetToChangeAsync(ControlRequest request, IdentityStore identity, string id)
    {
        AccessKey key = await GetAsync(request, identity, id);
        return request.MayAdminister(key.Organization) || (request.Principal.KeyPolicy is null && key.Policy is not null)
            ? key
            : throw ControlRefusalException.Forbidden("only a root user may rotate or revoke this access key");
    }

    /// <summary>Whether the requester may see a key.</summary>
    public static bool Sees(ControlRequest request, AccessKey key) => request.MayAdminister(key.Organization) || IsOwn(request.Principal, key);

    /// <summary>Whether the requester may see a temporary key: one of its organization, its own, or one that its own key signed for.</summary>
    public static bool Sees(ControlRequest request, TemporaryKey key)
    {
        Principal me = request.Principal;
        return request.MayAdminister(key.Organization) || (key.Source is TemporaryKeySource.AccessKey or TemporaryKeySource.ApiToken && key.Organization == me.OrganizationId
            && (me.KeyPolicy is not null ? key.Source == TemporaryKeySource.AccessKey && key.Parent == me.AccessKeyId : me.UserName is not null && key.Holder == TemporaryKeys.HolderOf(key.Organization, me.UserName)));
    }

    private static bool IsOwn(Principal me, AccessKey key) => me.KeyPolicy is not null
        ? key.Id == me.AccessKeyId
        : me.UserName is not null && key.Organization == me.OrganizationId && key.User == me.UserName && key.DiskScope is null;
}
