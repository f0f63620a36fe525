using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/keys?organization=…&amp;user=…</c>: the keys of a user, or of the whole organization.</summary>
internal static class ListAccessKeys
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/keys", async request =>
        {
            string organization = request.OrganizationOrOwn(request.Query("organization"));
            await identity.Organizations.GetAsync(organization, request.CancellationToken);
            string? user = request.Query("user");
            if (user is not null)
            {
                await identity.Users.GetAsync(organization, user, request.CancellationToken);
            }

            IdentityPage<AccessKey> page = await identity.Keys.ListAsync(
                organization, user, request.Cursor(), request.Limit(), request.CancellationToken);
            return ControlAnswer.Of(
                new AccessKeyList([.. page.Items.Select(key => AccessKeyView.Of(key))], page.Next), ControlJson.Default.AccessKeyList);
        });
}
