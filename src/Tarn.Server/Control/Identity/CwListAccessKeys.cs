using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /v1/cwobject/access-key</c>: the keys of the requester's organization, its users' among them.</summary>
internal static class CwListAccessKeys
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/v1/cwobject/access-key", async request =>
        {
            request.RequireRootOf(request.Principal.OrganizationId);
            IReadOnlyList<AccessKey> keys = await identity.Keys.AllAsync(request.Principal.OrganizationId, request.CancellationToken);
            return ControlAnswer.Bare(new CwKeyList([.. keys.Select(CwKeyInfo.Of)]), ControlJson.Default.CwKeyList);
        });
}
