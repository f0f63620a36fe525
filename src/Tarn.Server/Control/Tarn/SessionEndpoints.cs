using System.Globalization;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.Tarn;

/// <summary><c>/api/session</c>: signing in to the console and out of it.</summary>
internal sealed class SessionEndpoints(
    ConsoleSessions sessions, ForgedRequests forged, SessionViews views, StatedSecrets secrets, IdentityStore identity, SignInLimits limits)
{
    private const string Path = "/api/session";

    /// <summary>The one answer to credentials that are unknown, wrong or of a kind that cannot sign in.</summary>
    private const string Refusal = "the access key with this secret, or the token, is not known";

    /// <param name="api">Endpoints that authenticate the requester.</param>
    /// <param name="anonymous">Endpoints that do not.</param>
    public void Map(RouteGroupBuilder api, RouteGroupBuilder anonymous)
    {
        anonymous.MapPost(Path, BeginAsync).WithTags(Tags.Console).WithName("BeginSession").Refuses(409, 429);
        anonymous.MapDelete(Path, EndAsync).WithTags(Tags.Console).WithName("EndSession");
        api.MapGet(Path, GetAsync).WithTags(Tags.Console).WithName("GetSession").ForConsole();
    }

    /// <summary>Signs in to the console with an access key and its secret, or with a token. The answer sets the cookie that authenticates the session for twelve hours at most.</summary>
    /// <remarks>
    /// The request comes from the console's own origin and has the header <c>X-Tarn-Console</c> with a proof of its page: 32 random bytes as Base64url, which each call but GET repeats. The session acts as
    /// the key or token does and ends with it; that which the page began before ends. Keys of disks and temporary credentials are refused like unknown ones. Failed attempts are limited for each key and each address.
    /// </remarks>
    public async Task<Data<SessionView>> BeginAsync(ControlRequest request, JsonBody<SignInBody> body)
    {
        byte[] proof = forged.ThrowIfNotOfConsole(request.Http.Request);
        SignInBody wanted = body.Read();
        string? key = KeyOf(wanted);
        string? former = await sessions.FormerAsync(request.Http, proof);
        TemporaryKeyRequest session = await AuthenticateAsync(request, wanted, limits.Begin(key is null ? SignInKind.Token : SignInKind.Key, key, request.Http.Connection.RemoteIpAddress));
        try
        {
            return new(await sessions.BeginAsync(request.Http, session, proof, former, begun =>
            {
                request.Identified(begun);
                return views.OfAsync(request);
            }));
        }
        catch (IdentityRefusalException e) when (e.Kind == IdentityRefusalKind.NotFound)
        {
            // It ended since its secret was checked.
            throw ControlRefusalException.Unauthorized(Refusal);
        }
    }

    /// <summary>Signs out: ends the session of the cookie, if there is one, and clears the cookie.</summary>
    /// <remarks>The request comes from the console's own origin and has the header <c>X-Tarn-Console</c> with the proof of the page that began the session.</remarks>
    public async Task<Done> EndAsync(ControlRequest request)
    {
        if (await sessions.EndAsync(request.Http, forged.ThrowIfNotOfConsole(request.Http.Request)) is { } ended)
        {
            request.Identified(ended);
        }

        return Done.Instance;
    }

    /// <summary>Shows the session: who is signed in, where S3 is, and what the page shows.</summary>
    public async Task<Data<SessionView>> GetAsync(ControlRequest request) => new(await views.OfAsync(request));

    /// <summary>The access key whose failed attempts are counted; null for a token. What cannot be an access key is one name, so that long ones take no room.</summary>
    /// <exception cref="ControlRefusalException">400: neither an access key with a secret nor a token, or both.</exception>
    private static string? KeyOf(SignInBody wanted) => wanted switch
    {
        { AccessKey: { } key, SecretKey: not null, Token: null } => IdentityRules.AccessKeyId(key) is null ? key : "",
        { AccessKey: null, SecretKey: null, Token: not null } => null,
        _ => throw ControlRefusalException.BadRequest("the body must have accessKey and secretKey, or token"),
    };

    /// <exception cref="ControlRefusalException">401: the credentials are unknown or wrong, or cannot sign in. 429: there were too many attempts.</exception>
    private async ValueTask<TemporaryKeyRequest> AuthenticateAsync(ControlRequest request, SignInBody wanted, SignInAttempt attempt)
    {
        if (attempt.Wait is { } wait)
        {
            request.Http.Response.Headers.RetryAfter = wait.TotalSeconds.ToString(CultureInfo.InvariantCulture);
            throw new ControlRefusalException(StatusCodes.Status429TooManyRequests, "there were too many failed attempts to sign in; try again later");
        }

        try
        {
            TemporaryKeyRequest session = await AuthenticateAsync(request, wanted);
            attempt.Succeed();
            return session;
        }
        catch (Exception e) when (e is not ControlRefusalException)
        {
            // Nothing was found out about the secret: the store failed, or nobody waits for the answer.
            attempt.TakeBack();
            throw;
        }
    }

    /// <exception cref="ControlRefusalException">401: the credentials are unknown or wrong, or cannot sign in.</exception>
    private async ValueTask<TemporaryKeyRequest> AuthenticateAsync(ControlRequest request, SignInBody wanted)
    {
        if (wanted.Token is { } token)
        {
            return await identity.Tokens.AuthenticateAsync(token, request.CancellationToken) is { } holder
                ? Of(holder, TemporaryKeySource.ApiToken)
                : throw ControlRefusalException.Unauthorized(Refusal);
        }

        StatedSecret stated = await secrets.CheckAsync(wanted.AccessKey!, wanted.SecretKey!, request.CancellationToken);
        if (stated.Credential is { } key)
        {
            return Of(key.Principal, TemporaryKeySource.AccessKey) with { ParentKey = key };
        }

        request.ClaimedAccessKey = stated.IsKnown ? wanted.AccessKey : null;
        throw ControlRefusalException.Unauthorized(Refusal);
    }

    private static TemporaryKeyRequest Of(Principal principal, TemporaryKeySource source) => new()
    {
        Organization = principal.OrganizationId,
        User = principal.UserName,
        Source = source,
        Parent = principal.AccessKeyId,
        Life = ConsoleSessions.Life,
        WithToken = false,
    };
}
