using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary>
/// <c>POST /v1/cwobject/access-key</c>: makes a key of the requester's, for ever or for at most 12 hours.
/// Source: CoreWeave, AI Object Storage API, "Create access key".
/// </summary>
internal static class CwCreateAccessKey
{
    private const long MaxSeconds = 43_200;

    public static void AddTo(ControlApi api, IdentityStore identity, TimeProvider time) =>
        api.Add("POST", "/v1/cwobject/access-key", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            CwKeyBody body = request.Read(ControlJson.Default.CwKeyBody);
            NewAccessKey made = await identity.Keys.CreateAsync(
                request.Principal.OrganizationId,
                null,
                new AccessKeyRequest { Expires = CreateAccessKey.Expiry(body.DurationSeconds, MaxSeconds, time) },
                request.CancellationToken);
            return ControlAnswer.Bare(new CwNewKey(made.Key.Id, made.SecretKey), ControlJson.Default.CwNewKey);
        });
}
