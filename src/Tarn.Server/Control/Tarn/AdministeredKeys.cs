using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary>Finds access keys for those who administer their organization; for others they do not exist.</summary>
internal static class AdministeredKeys
{
    /// <exception cref="ControlRefusalException">404: there is none that the requester may see.</exception>
    public static async ValueTask<AccessKey> GetAsync(ControlRequest request, IdentityStore identity, string id) =>
        await identity.Keys.FindAsync(id, request.CancellationToken) is { } key && request.MayAdminister(key.Organization)
            ? key
            : throw ControlRefusalException.NotFound($"there is no access key '{id}'");
}
