using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>POST /api/tokens</c>: makes a token of this API; its text is shown this once.</summary>
internal static class CreateToken
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("POST", "/api/tokens", async request =>
        {
            TokenBody body = request.Read(ControlJson.Default.TokenBody);
            NewApiToken made = await identity.Tokens.CreateAsync(
                request.OrganizationOrOwn(body.Organization), body.User, body.Name, body.Description, request.CancellationToken);
            return ControlAnswer.Created(TokenView.Of(made.Token, made.Text), ControlJson.Default.TokenView);
        });
}
