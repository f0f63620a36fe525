using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /v1/cwobject/revoke-access-key/access-key</c> with <c>{"accessKey":…}</c>.</summary>
internal static class CwRevokeAccessKey
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/v1/cwobject/revoke-access-key/access-key", async request =>
        {
            CwKeyRevocation body = request.Read(ControlJson.Default.CwKeyRevocation);
            AccessKey key = await AdministeredKeys.GetAsync(request, identity, body.AccessKey);
            await identity.Keys.RevokeAsync(key.Id, request.CancellationToken);
            return ControlAnswer.Bare(CwDone.Instance, ControlJson.Default.CwDone);
        });
}
