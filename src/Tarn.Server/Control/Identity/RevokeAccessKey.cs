using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/keys/{id}</c>: from the next request on the key opens nothing.</summary>
internal static class RevokeAccessKey
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/keys/{id}", async request =>
        {
            AccessKey key = await AdministeredKeys.GetAsync(request, identity, request.Route("id"));
            await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
            return ControlAnswer.Done;
        });
}
