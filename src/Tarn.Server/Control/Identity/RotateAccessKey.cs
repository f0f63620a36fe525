using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /api/keys/{id}/rotate</c>: a new secret, generated or given; the old one opens nothing any more.</summary>
internal static class RotateAccessKey
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/api/keys/{id}/rotate", async request =>
        {
            RotationBody? body = request.ReadOrNone(ControlJson.Default.RotationBody);
            AccessKey key = await AdministeredKeys.GetAsync(request, identity, request.Route("id"));
            NewAccessKey rotated = await identity.Keys.RotateAsync(key.Id, body?.SecretKey, request.CancellationToken);
            return ControlAnswer.Of(AccessKeyView.Of(rotated.Key, rotated.SecretKey), ControlJson.Default.AccessKeyView);
        });
}
