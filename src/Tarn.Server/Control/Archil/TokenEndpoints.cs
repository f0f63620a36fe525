using Tarn.Core.Identity;

namespace Tarn.Server.Control.Archil;

/// <summary><c>/api/tokens</c>.</summary>
internal sealed class TokenEndpoints(IdentityStore identity)
{
    public void Map(RouteGroupBuilder api)
    {
        RouteGroupBuilder tokens = api.MapGroup("/api/tokens").WithTags("Tokens");
        tokens.MapPost("", CreateAsync).WithName("CreateToken").Refuses(404);
        tokens.MapGet("", ListAsync).WithName("ListTokens").WithPaging()
            .WithQuery("organization", "The organization whose tokens are listed; by default the requester's.").Refuses(404);
        tokens.MapDelete("/{id}", DeleteAsync).WithName("DeleteToken").Refuses(404);
    }

    /// <summary>Creates a token for this API.</summary>
    /// <remarks>Its text is shown this once.</remarks>
    public async Task<Made<TokenView>> CreateAsync(ControlRequest request, JsonBody<TokenBody> body)
    {
        TokenBody wanted = body.Read();
        NewApiToken made = await identity.Tokens.CreateAsync(
            request.OrganizationOrOwn(wanted.Organization), wanted.User, wanted.Name, wanted.Description, request.CancellationToken, request.Credential);
        return new(TokenView.Of(made.Token, made.Text));
    }

    /// <summary>Lists the tokens of an organization, without their texts.</summary>
    /// <remarks>A user sees its own. An access key with a policy sees none.</remarks>
    public async Task<Data<TokenList>> ListAsync(ControlRequest request)
    {
        Principal me = request.Principal;
        string organization = request.Query("organization") ?? me.OrganizationId;
        bool all = request.MayAdminister(organization);
        if (!all)
        {
            request.ThrowIfNotSelf(organization, me.UserName);
        }

        if (me.KeyPolicy is not null)
        {
            throw ControlRefusalException.Forbidden("an access key with a policy sees no tokens");
        }

        IdentityPage<ApiToken> page = await identity.Tokens.ListAsync(
            organization, all ? null : me.UserName, request.Cursor(), request.Limit(), request.CancellationToken);
        return new(new TokenList([.. page.Items.Select(token => TokenView.Of(token))], page.Next));
    }

    /// <summary>Deletes a token: it stops working at once.</summary>
    /// <param name="id">The token's id.</param>
    public async Task<Data<MessageView>> DeleteAsync(ControlRequest request, string id)
    {
        ApiToken? token = await identity.Tokens.FindAsync(id, request.CancellationToken);
        if (token is null || !request.MayAdminister(token.Organization))
        {
            throw ControlRefusalException.NotFound("there is no such token");
        }

        await identity.Tokens.DeleteAsync(token, request.CancellationToken);
        return new(new MessageView("Token deleted"));
    }
}
