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

    /// <summary>What a browser is told that sends several cookies of the name, none of which is that of a session of the page.</summary>
    private const string Several = "this browser has several cookies of the console's name, which another page of the host may have set: sign in again, or delete its cookies";

    /// <summary>
    /// The cookie of a request; null when it has none of the name, or one that is no session's. Of several, which another page may have set for other paths or for the domain, it is that of the session that the
    /// page began which made the request.
    /// </summary>
    /// <exception cref="ControlRefusalException">It has several: 401, the page began the session of none of them, so that it is not signed in; 409, it does not say which page it is. The answer clears those of other paths.</exception>
    public async ValueTask<ConsoleCookie?> CookieOfAsync(HttpContext http)
    {
        bool isSecure = origins.IsSecure(http.Request);
        IReadOnlyList<ConsoleCookie?> cookies = ConsoleCookie.Of(http.Request, isSecure);
        if (cookies.Count < 2)
        {
            return cookies is [var only] ? only : null;
        }

        byte[]? proofHash = PageProof.HashOf(http.Request);
        if (proofHash is not null && await OwnAsync(cookies, proofHash, http.RequestAborted) is [(var own, _), ..])
        {
            return own;
        }

        ConsoleCookie.ClearPlanted(http, isSecure);
        throw new ControlRefusalException(proofHash is null ? StatusCodes.Status409Conflict : StatusCodes.Status401Unauthorized, Several);
    }

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

    /// <summary>The session that ends when the page that made a request begins another: the one that it began before. A browser that has several cookies is rid of those of other paths.</summary>
    /// <param name="http">The request, which is not forged.</param>
    /// <param name="proofHash">The digest of the page's proof.</param>
    /// <returns>Its id; null for none.</returns>
    public async ValueTask<string?> FormerAsync(HttpContext http, byte[] proofHash)
    {
        bool isSecure = origins.IsSecure(http.Request);
        IReadOnlyList<ConsoleCookie?> cookies = ConsoleCookie.Of(http.Request, isSecure);
        if (cookies.Count > 1)
        {
            ConsoleCookie.ClearPlanted(http, isSecure);
        }

        return await OwnAsync(cookies, proofHash, http.RequestAborted) is [(_, var key), ..] ? key.Id : null;
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
    /// <exception cref="ControlRefusalException">403: what it came with is a session that this page did not begin.</exception>
    public async ValueTask<ControlCredential?> EndAsync(HttpContext http, byte[] proofHash)
    {
        bool isSecure = origins.IsSecure(http.Request);
        IReadOnlyList<ConsoleCookie?> cookies = ConsoleCookie.Of(http.Request, isSecure);
        IReadOnlyList<(ConsoleCookie Cookie, TemporaryKey Key)> own = await OwnAsync(cookies, proofHash, http.RequestAborted);
        if (own.Count == 0 && cookies is [{ } only] && await identity.TemporaryKeys.FindConsoleAsync(only.Id, only.Secret, http.RequestAborted) is not null)
        {
            throw ControlRefusalException.Forbidden(ForgedRequests.AnotherPage);
        }

        ControlCredential? ended = null;
        foreach ((ConsoleCookie cookie, _) in own)
        {
            ended = await FindAsync(cookie, http.RequestAborted) ?? ended;
        }

        foreach ((_, TemporaryKey key) in own)
        {
            await identity.TemporaryKeys.RevokeAsync(key, http.RequestAborted);
        }

        ConsoleCookie.Clear(http.Response, isSecure);
        if (cookies.Count > 1)
        {
            ConsoleCookie.ClearPlanted(http, isSecure);
        }

        return ended;
    }

    /// <summary>Of cookies those of sessions that a page began.</summary>
    private async ValueTask<IReadOnlyList<(ConsoleCookie Cookie, TemporaryKey Key)>> OwnAsync(IReadOnlyList<ConsoleCookie?> cookies, byte[] proofHash, CancellationToken cancellationToken)
    {
        var own = new List<(ConsoleCookie, TemporaryKey)>();
        foreach (ConsoleCookie cookie in cookies.OfType<ConsoleCookie>().DistinctBy(static cookie => (cookie.Id, Convert.ToHexString(cookie.Secret.Span))))
        {
            if (await identity.TemporaryKeys.FindConsoleAsync(cookie.Id, cookie.Secret, cancellationToken) is { } key && key.WasBegunWith(proofHash))
            {
                own.Add((cookie, key));
            }
        }

        return own;
    }
}
