using Tarn.Core.Identity;
using Tarn.Server.Proxies;

namespace Tarn.Server.Control;

/// <summary>
/// Begins, finds and ends sessions of the console. A session is temporary credentials of what began it, so it survives a restart and ends with that; its cookie authenticates it to the
/// control API, and the server signs URLs with it.
/// </summary>
internal sealed class ConsoleSessions(IdentityStore identity, ICredentialSource credentials, ConsoleOrigins origins, TimeProvider time)
{
    /// <summary>How long a session lasts.</summary>
    public static readonly TimeSpan Life = TemporaryKeys.MaxLife;

    /// <summary>What a browser is told that sends several cookies of the name: which of them is the console's is not known.</summary>
    private const string Several = "this browser has several cookies of the console's name, which another page of the host may have set: sign in again, or delete its cookies";

    /// <summary>The cookie of a request; null when it has none of the name, or one that is no session's.</summary>
    /// <exception cref="ControlRefusalException">409: it has several.</exception>
    public ConsoleCookie? CookieOf(HttpRequest request) =>
        ConsoleCookie.Of(request, origins.IsSecure(request)) is { Count: > 0 } cookies ? cookies is [var cookie] ? cookie : throw SeveralCookies() : null;

    /// <summary>Finds what a cookie authenticates as it is now; null when its session has ended, or what began it has.</summary>
    public async ValueTask<ControlCredential?> FindAsync(ConsoleCookie cookie, CancellationToken cancellationToken)
    {
        if (await identity.TemporaryKeys.FindConsoleAsync(cookie.Id, cookie.Secret, cancellationToken) is not { } key
            || await credentials.FindAsync(key.Id, cancellationToken) is not { } credential || credential.Expires <= time.GetUtcNow())
        {
            return null;
        }

        var session = new ConsoleSession(cookie, credential, key);
        switch (key.Source)
        {
            case TemporaryKeySource.AccessKey:
                // It may have another secret since the credential was found: that one began no session.
                return await credentials.FindAsync(key.Parent, cancellationToken) is { } parent && TemporaryKeys.IsOf(key, credential, parent) ? ControlCredential.OfKey(parent).By(session) : null;
            case TemporaryKeySource.ApiToken:
                return await identity.Tokens.PrincipalAsync(key.Parent, cancellationToken) is { } holder ? ControlCredential.OfToken(holder).By(session) : null;
            default:
                return ControlCredential.OfRole(session);
        }
    }

    /// <summary>
    /// The session that ends when the page that made a request begins another: the one that it began before. A browser that has several cookies is rid of them, and of the sessions that this page began with
    /// them, since it would be refused whatever it signs in with.
    /// </summary>
    /// <param name="http">The request, which is not forged.</param>
    /// <param name="proofHash">The digest of the page's proof.</param>
    /// <returns>Its id; null for none.</returns>
    /// <exception cref="ControlRefusalException">409: it had several cookies. The answer clears them.</exception>
    public async ValueTask<string?> FormerAsync(HttpContext http, byte[] proofHash)
    {
        IReadOnlyList<ConsoleCookie?> cookies = ConsoleCookie.Of(http.Request, origins.IsSecure(http.Request));
        if (cookies.Count > 1)
        {
            await EndAsync(http, proofHash);
            throw SeveralCookies();
        }

        return cookies is [{ } cookie] && await identity.TemporaryKeys.FindConsoleAsync(cookie.Id, cookie.Secret, http.RequestAborted) is { } key && key.WasBegunWith(proofHash) ? key.Id : null;
    }

    /// <summary>Begins a session and gives the browser its cookie. If anything fails there is no session, and the former one goes on.</summary>
    /// <param name="http">The request, which the caller has authenticated and knows not to be forged.</param>
    /// <param name="request">What begins it: an access key or a token, or a role with the claims of a token. Its life is at most <see cref="Life"/>.</param>
    /// <param name="proofHash">The digest of the page's proof.</param>
    /// <param name="former">The id of the session of this page that it replaces, as of <see cref="FormerAsync"/>; null: none.</param>
    /// <param name="describe">What is made for the answer, before the cookie is set.</param>
    /// <exception cref="IdentityRefusalException">As of <see cref="TemporaryKeys.IssueAsync"/>: too many temporary credentials; what begins it has ended (NotFound).</exception>
    /// <exception cref="ControlRefusalException">401: what begins it ends just now.</exception>
    public async ValueTask<T> BeginAsync<T>(HttpContext http, TemporaryKeyRequest request, byte[] proofHash, string? former, Func<ControlCredential, ValueTask<T>> describe)
    {
        NewTemporaryKey made = await identity.TemporaryKeys.IssueAsync(request with { ProofHash = proofHash, Renews = former is not null, WithToken = false }, http.RequestAborted);
        try
        {
            var cookie = new ConsoleCookie(made.Key.Id, made.CookieSecret);
            ControlCredential begun = await FindAsync(cookie, http.RequestAborted) ?? throw ControlRefusalException.Unauthorized("what the session is for has ended");
            T described = await describe(begun);
            if (former is not null && await identity.TemporaryKeys.FindAsync(former, http.RequestAborted) is { } ended)
            {
                await identity.TemporaryKeys.RevokeAsync(ended, http.RequestAborted);
            }

            ConsoleCookie.Set(http.Response, origins.IsSecure(http.Request), cookie, begun.Session!.Expires - time.GetUtcNow());
            return described;
        }
        catch
        {
            // Nobody has its cookie. Whoever has gone is not who decides whether it ends.
            await identity.TemporaryKeys.RevokeAsync(made.Key, CancellationToken.None);
            throw;
        }
    }

    /// <summary>Ends the session that a page began and that a request came with, if any, and has the browser forget its cookies of the name. Of several cookies each counts.</summary>
    /// <param name="http">The request, which is not forged.</param>
    /// <param name="proofHash">The digest of the page's proof.</param>
    /// <returns>What the session authenticated, for the audit log; null for none.</returns>
    /// <exception cref="ControlRefusalException">403: what it came with is sessions, and this page began none of them.</exception>
    public async ValueTask<ControlCredential?> EndAsync(HttpContext http, byte[] proofHash)
    {
        bool isSecure = origins.IsSecure(http.Request);
        IReadOnlyList<ConsoleCookie?> cookies = ConsoleCookie.Of(http.Request, isSecure);
        ControlCredential? ended = null;
        bool ofAnother = false;
        var own = new List<TemporaryKey>();
        foreach (ConsoleCookie cookie in cookies.OfType<ConsoleCookie>().DistinctBy(static cookie => cookie.Id))
        {
            if (await identity.TemporaryKeys.FindConsoleAsync(cookie.Id, cookie.Secret, http.RequestAborted) is not { } key)
            {
                continue;
            }

            if (!key.WasBegunWith(proofHash))
            {
                ofAnother = true;
                continue;
            }

            own.Add(key);
            ended = await FindAsync(cookie, http.RequestAborted) ?? ended;
        }

        if (ofAnother && own.Count == 0 && cookies.Count == 1)
        {
            throw ControlRefusalException.Forbidden(ForgedRequests.AnotherPage);
        }

        foreach (TemporaryKey key in own)
        {
            await identity.TemporaryKeys.RevokeAsync(key, http.RequestAborted);
        }

        ConsoleCookie.Clear(http.Response, isSecure, ofAllPaths: cookies.Count > 1);
        return ended;
    }

    private static ControlRefusalException SeveralCookies() => new(StatusCodes.Status409Conflict, Several);
}
