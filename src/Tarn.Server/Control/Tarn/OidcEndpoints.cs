using Tarn.Core.Federation;
using Tarn.Core.Identity;
using Tarn.Server.Federation;
using Tarn.Server.Proxies;
using Tarn.Server.Telemetry;

namespace Tarn.Server.Control.Tarn;

/// <summary>
/// <c>/api/session/oidc</c>: signing in to the console with an issuer. Whoever signs in is a session of a role, as AssumeRoleWithWebIdentity issues it. Sources: those of
/// <see cref="IssuerSignIns"/>.
/// </summary>
internal sealed partial class OidcEndpoints(
    IdentityStore identity, IssuerSignIns signIns, WebIdentities workloads, SignInCookies cookies, SignInLimits limits, ConsoleSessions sessions, ForgedRequests forged, ConsoleOrigins origins,
    ILogger<OidcEndpoints> logger)
{
    private const string Root = "/api/session/oidc";

    /// <summary>The longest path that a sign-in goes to, in characters: it is in a cookie.</summary>
    private const int MaxTo = 1024;

    private const int MaxCode = 4096;

    /// <summary>The parameters of an answer, none of which may be repeated. Sources: RFC 6749, section 3.1; RFC 9207, section 2.</summary>
    private static readonly string[] Answers = ["code", "error", "iss"];

    /// <summary>Codes of refusals, which the page of the console has texts for.</summary>
    private const string State = "state", Issuer = "issuer", Denied = "denied", Provider = "provider", Token = "token", Role = "role", Limit = "limit";

    /// <param name="anonymous">Endpoints that do not authenticate the requester.</param>
    public void Map(RouteGroupBuilder anonymous)
    {
        RouteGroupBuilder group = anonymous.MapGroup(Root).WithTags(Tags.Console);
        group.MapGet("", ListAsync).WithName("ListConsoleIssuers");
        group.MapPost("/{organization}/{name}", BeginAsync).WithName("BeginOidcSignIn").Refuses(403, 404, 409);
        group.MapGet("/{organization}/{name}/callback", FinishAsync).WithName("FinishOidcSignIn").WithMetadata(ChangesSomething.Instance);
    }

    /// <summary>
    /// Where an issuer sends its answers, below the console's URL. Each has a path of its own: one that answers with what it was told by another is found out by that, whether or not they say who they are.
    /// Source: RFC 9700, section 4.4.2.2.
    /// </summary>
    public static string CallbackOf(string organization, string name) => $"{Root}/{organization}/{name}/callback";

    /// <summary>Whether a path is one of <see cref="CallbackOf"/>.</summary>
    public static bool IsCallback(PathString path) => path.StartsWithSegments(Root) && path.Value!.EndsWith("/callback", StringComparison.Ordinal);

    /// <summary>Lists the issuers with which people sign in to the console.</summary>
    /// <remarks>For everybody: it is what the page shows before somebody signs in. There are none where the server does not know by which URL browsers reach the console.</remarks>
    public async Task<Data<ConsoleIssuerList>> ListAsync(ControlRequest request) =>
        new(new ConsoleIssuerList(!origins.HasUrl ? [] : [.. (await identity.Issuers.OfConsoleAsync(request.CancellationToken)).Select(
            static issuer => new ConsoleIssuerView(issuer.Organization, issuer.Name, issuer.Console!.Title))]));

    /// <summary>Begins to sign in: returns where the issuer asks who somebody is, which the page goes to.</summary>
    /// <remarks>
    /// The request comes from the console's own origin, at its own URL, and has the header <c>X-Tarn-Console</c> with a proof of its page: the session will be of that page. The issuer must know the redirect URI
    /// <c>CONSOLE/api/session/oidc/{organization}/{name}/callback</c>.
    /// </remarks>
    /// <param name="organization">The organization that trusts the issuer.</param>
    /// <param name="name">The issuer's name.</param>
    public async Task<Data<OidcSignInView>> BeginAsync(ControlRequest request, string organization, string name, OptionalJsonBody<OidcSignInBody> body)
    {
        byte[] proof = forged.ThrowIfNotOfConsole(request.Http.Request);
        string to = PathIn(body.Read()?.To);
        if (!origins.HasUrl)
        {
            throw ControlRefusalException.BadRequest("the server does not know by which URL browsers reach the console, to which issuers send them: it is the setting console-url");
        }

        if (!origins.IsAtUrl(request.Http.Request))
        {
            // The answer would come to another host, which does not have the cookie.
            throw ControlRefusalException.BadRequest($"open the console at {origins.Url} to sign in with an issuer, which sends browsers there alone (the setting console-url)");
        }

        if (await identity.Issuers.FindAsync(organization, name, request.CancellationToken) is not { Console: not null } issuer)
        {
            throw ControlRefusalException.NotFound("the console signs nobody in with such an issuer");
        }

        string? former = await sessions.FormerAsync(request.Http, proof);
        try
        {
            SignInSecrets secrets = cookies.NewSecrets();
            string url = await signIns.UrlAsync(issuer, secrets, RedirectUriOf(issuer), request.CancellationToken);
            cookies.Keep(request.Http, new PendingSignIn(secrets, issuer.Organization, issuer.Name, issuer.Id, to, proof, former), origins.IsSecure(request.Http.Request));
            return new(new OidcSignInView(url));
        }
        catch (IssuerException e)
        {
            // Anyone may ask, as often as they like: what is wrong with the issuer is logged when it is found out.
            LogRefused(logger, LogLevel.Debug, Provider, issuer.Name, issuer.Organization, e.Message, request.Http.TraceIdentifier);
            throw new ControlRefusalException(StatusCodes.Status503ServiceUnavailable, "the issuer does not say where one signs in with it; the server's log says more");
        }
    }

    /// <summary>Ends a sign-in: begins the session and sends the browser to where it wanted to go.</summary>
    /// <remarks>
    /// The issuer sends the browser here, with <c>code</c> and <c>state</c>, or <c>error</c>. What is refused sends it to <c>/sign-in?error=oidc&amp;reason=…&amp;request=…</c>, and begins no session; the server's log says why.
    /// </remarks>
    /// <param name="organization">The organization that trusts the issuer.</param>
    /// <param name="name">The issuer's name.</param>
    public async Task<SignInStep> FinishAsync(ControlRequest request, string organization, string name)
    {
        if (cookies.Take(request.Http, One(request, "state"), origins.IsSecure(request.Http.Request)) is not { } pending)
        {
            return Refuse(request, State, null, "this browser began no such sign-in, or too long ago, or ended it before", LogLevel.Debug);
        }

        // What follows is logged, and may be a request to the issuer, whoever sent it.
        SignInAttempt attempt = limits.Begin(SignInKind.Issuer, null, request.Http.Connection.RemoteIpAddress);
        if (attempt.Wait is not null)
        {
            return Refuse(request, Limit, null, "there were too many failed attempts from this address", LogLevel.Debug);
        }

        if (pending.Organization != organization || pending.Issuer != name)
        {
            return Refuse(request, Provider, null, "the answer to a sign-in with one issuer came from another");
        }

        if (await identity.Issuers.FindAsync(organization, name, request.CancellationToken) is not { Console: not null } issuer || issuer.Id != pending.IssuerId)
        {
            return Refuse(request, Issuer, null, "the issuer was deleted, or the console signs nobody in with it any more");
        }

        try
        {
            return await AnswerAsync(request, pending, issuer, attempt);
        }
        catch (Exception e) when (e is IssuerException or SecretUnreadableException)
        {
            return Refuse(request, Provider, issuer, e.Message);
        }
        catch (ControlRefusalException e)
        {
            // The role ended just now.
            return Refuse(request, Role, issuer, e.Message);
        }
        catch (WebTokenException e)
        {
            return Refuse(request, e.Fault switch { WebTokenFault.Unreachable => Provider, WebTokenFault.Denied => Role, _ => Token }, issuer, e.Message);
        }
        catch (IdentityRefusalException e)
        {
            return Refuse(request, e.Kind switch { IdentityRefusalKind.NotFound => Issuer, IdentityRefusalKind.Conflict => Limit, _ => Token }, issuer, e.Message);
        }
    }

    private async Task<SignInStep> AnswerAsync(ControlRequest request, PendingSignIn pending, OidcIssuer issuer, SignInAttempt attempt)
    {
        if (Answers.FirstOrDefault(name => request.Http.Request.Query[name].Count > 1) is { } repeated)
        {
            return Refuse(request, Provider, issuer, $"the issuer answered with several {repeated}");
        }

        // RFC 9207: first who answers; what another one says is not looked at.
        await signIns.ThrowIfOfAnotherAsync(issuer, One(request, "iss"), request.CancellationToken);
        if (request.Http.Request.Query.ContainsKey("error"))
        {
            string? error = One(request, "error");
            return Refuse(request, error == "access_denied" ? Denied : Provider, issuer, IssuerSignIns.IsErrorCode(error) ? $"the issuer answered {error}" : "the issuer answered with an error");
        }

        if (One(request, "code") is not { Length: > 0 and <= MaxCode } code)
        {
            return Refuse(request, Provider, issuer, "the issuer answered without a code");
        }

        if (await signIns.RedeemAsync(issuer, code, pending.Secrets.Verifier, RedirectUriOf(issuer), request.CancellationToken) is not { } token)
        {
            return Refuse(request, Limit, issuer, "too many people sign in with it at a time");
        }

        // Its token may be good for nothing here, but the code was one.
        attempt.Succeed();
        TemporaryKeyRequest wanted = await workloads.SignInAsync(issuer, token, pending.Secrets.Nonce, request.CancellationToken);
        ControlCredential begun = await sessions.BeginAsync(request.Http, wanted, pending.ProofHash, pending.Former, static begun => ValueTask.FromResult(begun));
        request.Identified(begun);
        request.Made = begun.Session?.Id;
        return new SignInStep(pending.To);
    }

    /// <summary>
    /// Reads where to go: a path of the console and nothing that a browser could take for another host. Source: WHATWG URL Standard, "path or authority state": browsers take a backslash for a slash, and
    /// leave out tabs and newlines.
    /// </summary>
    internal static string PathIn(string? to) =>
        to is ['/', ..] and not ['/', '/' or '\\', ..] && to.Length <= MaxTo && to.All(static c => c is > ' ' and < (char)0x7F) ? to : "/";

    private string RedirectUriOf(OidcIssuer issuer) => origins.Url + CallbackOf(issuer.Organization, issuer.Name);

    private static string? One(ControlRequest request, string name) => request.Http.Request.Query[name] is [{ } value] ? value : null;

    /// <summary>Sends the browser back to the page where one signs in. Nothing of what was sent is in it.</summary>
    private SignInStep Refuse(ControlRequest request, string reason, OidcIssuer? issuer, string why, LogLevel level = LogLevel.Warning)
    {
        LogRefused(logger, level, reason, issuer?.Name ?? "-", issuer?.Organization ?? "-", why, request.Http.TraceIdentifier);
        return new SignInStep($"/sign-in?error=oidc&reason={reason}&request={Uri.EscapeDataString(request.Http.TraceIdentifier)}");
    }

    [LoggerMessage(EventId = EventIds.SignInRefused, Message = "Signing in to the console was refused ({Reason}) with the issuer {Issuer} of organization {Organization}: {Why} (request {RequestId})")]
    private static partial void LogRefused(ILogger logger, LogLevel level, string reason, string issuer, string organization, string why, string requestId);
}
