using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/keys/{id}</c>.</summary>
internal static class GetAccessKey
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/keys/{id}", async request =>
        {
            AccessKey key = await AdministeredKeys.GetAsync(request, identity, request.Route("id"));
            return ControlAnswer.Of(AccessKeyView.Of(key), ControlJson.Default.AccessKeyView);
        });
}
