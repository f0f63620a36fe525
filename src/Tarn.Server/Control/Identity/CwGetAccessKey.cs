using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /v1/cwobject/access-key/{id}</c>.</summary>
internal static class CwGetAccessKey
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/v1/cwobject/access-key/{id}", async request =>
        {
            AccessKey key = await AdministeredKeys.GetAsync(request, identity, request.Route("id"));
            return ControlAnswer.Bare(CwKeyInfo.Of(key), ControlJson.Default.CwKeyInfo);
        });
}
