using Tarn.Core.Identity;

namespace Tarn.Server.Control.Identity;

/// <summary><c>DELETE /api/tokens/{id}</c>: from the next request on the token opens nothing.</summary>
internal static class DeleteToken
{
    public static void AddTo(ControlApi api, IdentityStore identity) =>
        api.Add("DELETE", "/api/tokens/{id}", async request =>
        {
            ApiToken? token = await identity.Tokens.FindAsync(request.Route("id"), request.CancellationToken);
            if (token is null || !request.MayAdminister(token.Organization))
            {
                throw ControlRefusalException.NotFound("there is no such token");
            }

            await identity.Tokens.DeleteAsync(token, request.CancellationToken);
            return ControlAnswer.Of(new MessageView("Token deleted"), ControlJson.Default.MessageView);
        });
}
