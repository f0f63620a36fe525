using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>GET /api/tokens</c>: the tokens of the requester's organization, or of the one that <c>organization</c> names.</summary>
internal static class ListTokens
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("GET", "/api/tokens", async request =>
        {
            string organization = request.OrganizationOrOwn(request.Query("organization"));
            IdentityPage<ApiToken> page = await identity.Tokens.ListAsync(
                organization, request.Cursor(), request.Limit(), request.CancellationToken);
            return ControlAnswer.Of(
                new TokenList([.. page.Items.Select(token => TokenView.Of(token))], page.Next), ControlJson.Default.TokenList);
        });
}
