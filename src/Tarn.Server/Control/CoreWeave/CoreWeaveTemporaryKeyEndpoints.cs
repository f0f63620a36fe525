using Tarn.Core.Federation;
using Tarn.Core.Identity;

namespace Tarn.Server.Control.CoreWeave;

/// <summary>
/// <c>/v1/cwobject/temporary-credentials</c>: credentials for workloads' tokens and for tokens of this API. Source: CoreWeave, AI Object Storage API,
/// "Create access key from OIDC", "Create access key from container credentials" and "Exchange an API access token"; AWS SDKs and Tools Reference Guide,
/// "Container credential provider".
/// </summary>
internal sealed class CoreWeaveTemporaryKeyEndpoints(IdentityStore identity, WebIdentities workloads)
{
    private const long MaxSeconds = 43_200;

    /// <summary>The life of credentials where the request says none.</summary>
    private static readonly TimeSpan DefaultLife = TimeSpan.FromHours(1);

    /// <param name="api">Endpoints that authenticate the requester.</param>
    /// <param name="anonymous">Endpoints that do not.</param>
    public void Map(RouteGroupBuilder api, RouteGroupBuilder anonymous)
    {
        RouteGroupBuilder exchange = anonymous.MapGroup("/v1/cwobject/temporary-credentials").WithTags("CoreWeave");
        exchange.MapPost("/oidc", ExchangeAsync).WithName("CwExchangeOidcToken").Refuses(409);
        exchange.MapGet("/oidc/{orgId}", ContainerAsync).WithName("CwContainerCredentials").WithMetadata(ChangesSomething.Instance).Refuses(409);
        api.MapGet("/v1/cwobject/temporary-credentials/api-token", OfTokenAsync).WithTags("CoreWeave")
            .WithName("CwApiTokenCredentials").WithMetadata(ChangesSomething.Instance).Refuses(409);
    }

    /// <summary>Exchanges a workload's OpenID Connect token for a temporary access key, which works without a session token.</summary>
    /// <remarks>Needs no credentials: the token proves who asks. Its principal is <c>role/ISSUER:SUBJECT</c>. The secret key is shown only once.</remarks>
    public async Task<Bare<CwTemporaryKey>> ExchangeAsync(ControlRequest request, JsonBody<CwExchangeBody> body)
    {
        CwExchangeBody wanted = body.Read();
        if (wanted.DurationSeconds is < 0 or > MaxSeconds)
        {
            throw ControlRefusalException.BadRequest($"durationSeconds must be 0 (an hour) to {MaxSeconds}");
        }

        TimeSpan life = wanted.DurationSeconds == 0 ? DefaultLife : TimeSpan.FromSeconds(wanted.DurationSeconds);
        WorkloadCredentials made = await IssueAsync(request, wanted.OrgId, wanted.OidcToken, life, withToken: false, wanted.Attributes);
        return new(new CwTemporaryKey(
            made.Key.Key.Id, made.Key.SecretKey, $"role/{made.Principal.Role}", made.Key.Key.Expires.UtcDateTime, AttributesOf(made.Key)));
    }

    /// <summary>Exchanges a workload's OpenID Connect token, sent as the whole Authorization header, for credentials of an hour.</summary>
    /// <remarks>
    /// For SDKs, with <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c> and <c>AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE</c>. Needs no other credentials: the token
    /// proves who asks.
    /// </remarks>
    /// <param name="orgId">The organization's name.</param>
    public async Task<Bare<CwContainerCredentials>> ContainerAsync(ControlRequest request, HttpContext http, string orgId)
    {
        if (http.Request.Headers.Authorization is not [{ Length: > 0 } token])
        {
            throw ControlRefusalException.Unauthorized("the Authorization header must be a token of OpenID Connect");
        }

        WorkloadCredentials made = await IssueAsync(request, orgId, token.Trim(), DefaultLife, withToken: true, null);
        return new(CwContainerCredentials.Of(made.Key));
    }

    /// <summary>Exchanges a token of this API for credentials of an hour, with the rights of the token's holder.</summary>
    /// <remarks>
    /// For SDKs, with <c>AWS_CONTAINER_CREDENTIALS_FULL_URI</c> and <c>AWS_CONTAINER_AUTHORIZATION_TOKEN</c> set to <c>Bearer key-…</c>. They end with the
    /// token.
    /// </remarks>
    public async Task<Bare<CwContainerCredentials>> OfTokenAsync(ControlRequest request)
    {
        if (!request.Principal.HoldsToken)
        {
            throw ControlRefusalException.Forbidden("only a token can be exchanged: an access key already is what this returns");
        }

        try
        {
            NewTemporaryKey made = await identity.TemporaryKeys.IssueAsync(
                new TemporaryKeyRequest
                {
                    Organization = request.Principal.OrganizationId,
                    User = request.Principal.UserName,
                    Source = TemporaryKeySource.ApiToken,
                    Parent = request.Principal.AccessKeyId,
                    Life = DefaultLife,
                    WithToken = true,
                    By = request.Credential,
                },
                request.CancellationToken);
            return new(CwContainerCredentials.Of(made));
        }
        catch (IdentityRefusalException e) when (e.Kind == IdentityRefusalKind.NotFound)
        {
            // It was deleted since it authenticated the request.
            throw ControlRefusalException.Unauthorized("the token is not known");
        }
    }

    private async Task<WorkloadCredentials> IssueAsync(
        ControlRequest request, string organization, string token, TimeSpan life, bool withToken, IReadOnlyDictionary<string, string>? attributes)
    {
        try
        {
            WorkloadCredentials made = await workloads.ExchangeAsync(
                organization, token, life, withToken, attributes ?? new Dictionary<string, string>(), request.CancellationToken);
            request.Identified(made.Principal);
            return made;
        }
        catch (WebTokenException e)
        {
            throw e.Fault switch
            {
                WebTokenFault.Unreachable => new ControlRefusalException(StatusCodes.Status503ServiceUnavailable, e.Message),
                WebTokenFault.Denied => ControlRefusalException.Forbidden(e.Message),
                _ => ControlRefusalException.Unauthorized(e.Message),
            };
        }
    }

    private static Dictionary<string, string> AttributesOf(NewTemporaryKey key) => key.Key.Attributes.ToDictionary(StringComparer.Ordinal);
}
