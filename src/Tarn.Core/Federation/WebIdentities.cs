using System.Text;
using Tarn.Core.Identity;
using Tarn.Core.Policy.Documents;

namespace Tarn.Core.Federation;

/// <summary>
/// Issues temporary credentials to workloads for tokens of issuers that organizations trust. Nothing is written before the token is verified.
/// </summary>
/// <param name="identity">Issuers, roles and credentials.</param>
/// <param name="verifier">Verifies tokens.</param>
public sealed class WebIdentities(IdentityStore identity, IWebTokenVerifier verifier)
{
    /// <summary>The longest token, in characters. Source: AWS Security Token Service API Reference, AssumeRoleWithWebIdentity.</summary>
    public const int MaxTokenLength = 20_000;

    /// <summary>The longest subject, in characters. Source: OpenID Connect Core 1.0, section 2.</summary>
    public const int MaxSubjectLength = 255;

    /// <summary>
    /// Exchanges a token for credentials of the workload itself, <c>role/ISSUER:SUBJECT</c>. Source: CoreWeave AI Object Storage API, "Create access key from
    /// OIDC".
    /// </summary>
    /// <param name="organization">The organization, whose issuer must have issued the token.</param>
    /// <param name="token">The token.</param>
    /// <param name="life">The lifetime of the credentials.</param>
    /// <param name="withToken">Whether their requests must carry a session token.</param>
    /// <param name="attributes">What to attach to them.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="WebTokenException">The token is not accepted, or the issuer's conditions exclude its subject.</exception>
    /// <exception cref="IdentityRefusalException">The workload has too many credentials; an attribute breaks a rule.</exception>
    public async ValueTask<WorkloadCredentials> ExchangeAsync(
        string organization, string token, TimeSpan life, bool withToken, IReadOnlyDictionary<string, string> attributes, CancellationToken cancellationToken)
    {
        (WebToken verified, OidcIssuer? issuer) = await VerifyAsync(organization, token, static issuer => issuer.Audiences, cancellationToken);
        if (issuer is null
            || !(issuer.AnySubject || (issuer.Conditions is { } conditions && Hold(conditions, issuer, verified)))
            || await identity.Organizations.FindAsync(organization, cancellationToken) is not { } found)
        {
            throw NotExchanged();
        }

        NewTemporaryKey? key = await IssueAsync(
            new TemporaryKeyRequest
            {
                Organization = organization,
                Source = TemporaryKeySource.Issuer,
                Parent = issuer.Name,
                ParentId = issuer.Id,
                Life = life,
                WithToken = withToken,
                Issuer = issuer,
                Subject = verified.Subject,
                Claims = verified.Claims,
                Attributes = attributes,
            },
            cancellationToken);
        return key is null ? throw NotExchanged() : new WorkloadCredentials(key, verified, issuer, SessionCredentials.WorkloadOf(key.Key, found, issuer, null));
    }

    /// <summary>Issues credentials of a session of a role. Source: AWS Security Token Service API Reference, AssumeRoleWithWebIdentity.</summary>
    /// <param name="organization">The organization that owns the role.</param>
    /// <param name="roleName">The role's name.</param>
    /// <param name="sessionName">The name of the session, which the caller has checked.</param>
    /// <param name="token">The token.</param>
    /// <param name="seconds">The lifetime in seconds; null: an hour, or the role's longest session if that is shorter.</param>
    /// <param name="policy">The session's policy, which the caller has validated; null: none.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="WebTokenException">The token is not accepted, or not for this role.</exception>
    /// <exception cref="IdentityRefusalException">The role's longest session is shorter; too many credentials.</exception>
    public async ValueTask<WorkloadCredentials> AssumeAsync(
        string organization, string roleName, string sessionName, string token, int? seconds, string? policy, CancellationToken cancellationToken)
    {
        IdentityRole? role = await identity.Roles.FindAsync(organization, roleName, cancellationToken);
        (WebToken verified, OidcIssuer? issuer) = await VerifyAsync(
            organization, token, issuer => IsOf(role, issuer) ? AudiencesOf(role!, issuer) : issuer.Audiences, cancellationToken);
        if (issuer is null || role is null || !IsOf(role, issuer) || !Hold(role.Conditions, issuer, verified)
            || await identity.Organizations.FindAsync(organization, cancellationToken) is not { } found)
        {
            // The same for a role that is not there and one whose issuer is another: who has no token for it does not learn of the role.
            throw NotAuthorized();
        }

        if (seconds > role.MaxSessionSeconds)
        {
            throw IdentityRefusalException.Invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        }

        var life = TimeSpan.FromSeconds(seconds ?? Math.Min(3600, role.MaxSessionSeconds));
        NewTemporaryKey? key = await IssueAsync(SessionOf(role, issuer, verified, sessionName, life, withToken: true) with { Policy = policy }, cancellationToken);
        return key is null ? throw NotAuthorized() : new WorkloadCredentials(key, verified, issuer, SessionCredentials.WorkloadOf(key.Key, found, issuer, role));
    }

    /// <summary>
    /// Decides what a person may be who signs in to the console: the role that the issuer's settings name, or else the first one by name of those that AssumeRoleWithWebIdentity would let
    /// the token assume, if the console's client is one of the audiences.
    /// </summary>
    /// <param name="issuer">The issuer that was asked; its settings for the console.</param>
    /// <param name="token">The ID token that it gave.</param>
    /// <param name="nonce">What was sent with the question, so that a token of another sign-in is refused.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The session's credentials, which are not issued yet.</returns>
    /// <exception cref="WebTokenException">The token is not accepted; or, which is <see cref="WebTokenFault.Denied"/>, it may assume no role.</exception>
    public async ValueTask<TemporaryKeyRequest> SignInAsync(OidcIssuer issuer, string token, string nonce, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        OidcConsole console = issuer.Console ?? throw new ArgumentException("The issuer has no settings for the console.", nameof(issuer));
        ThrowIfTooLong(token);
        WebToken verified = WithSubject(await verifier.VerifyAsync(issuer, token, [console.ClientId], cancellationToken));
        ConsoleTokens.ThrowIfNotFor(verified, console.ClientId, nonce);
        IEnumerable<IdentityRole> roles = console.Role is not { } named
            ? (await identity.Roles.ListAsync(issuer.Organization, null, IdentityRoles.MaxCount, cancellationToken)).Items
            : await identity.Roles.FindAsync(issuer.Organization, named, cancellationToken) is { } one ? [one] : [];
        IdentityRole role = roles.FirstOrDefault(role =>
                IsOf(role, issuer) && AudiencesOf(role, issuer).Contains(console.ClientId, StringComparer.Ordinal) && Hold(role.Conditions, issuer, verified))
            ?? throw new WebTokenException(WebTokenFault.Denied, "the token may assume no role that the console may sign in with");
        var longest = TimeSpan.FromSeconds(role.MaxSessionSeconds);
        return SessionOf(
            role, issuer, verified, ConsoleTokens.SessionNameOf(verified.Subject), longest < TemporaryKeys.MaxLife ? longest : TemporaryKeys.MaxLife, withToken: false);
    }

    /// <summary>What a token that may assume a role asks for.</summary>
    private static TemporaryKeyRequest SessionOf(IdentityRole role, OidcIssuer issuer, WebToken token, string name, TimeSpan life, bool withToken) => new()
    {
        Organization = role.Organization,
        Source = TemporaryKeySource.Role,
        Parent = role.Name,
        ParentId = role.Id,
        Life = life,
        WithToken = withToken,
        Issuer = issuer,
        Subject = token.Subject,
        SessionName = name,
        Claims = token.Claims,
    };

    /// <summary>Whether the role is for tokens of the issuer: of the URL, too, that it was created for.</summary>
    private static bool IsOf(IdentityRole? role, OidcIssuer issuer) => role is not null && role.Issuer == issuer.Name && role.IssuerUrl == issuer.Url;

    private static IReadOnlyList<string> AudiencesOf(IdentityRole role, OidcIssuer issuer) => role.Audiences.Count > 0 ? role.Audiences : issuer.Audiences;

    private static bool Hold(string conditions, OidcIssuer issuer, WebToken token) =>
        ClaimConditions.Parse(Encoding.UTF8.GetBytes(conditions), issuer.Url).Hold(new SessionGrant { Issuer = issuer.Url, Claims = token.Claims });

    /// <summary>Issues credentials; null when the role or issuer they are for has ended meanwhile.</summary>
    private async ValueTask<NewTemporaryKey?> IssueAsync(TemporaryKeyRequest request, CancellationToken cancellationToken)
    {
        try
        {
            return await identity.TemporaryKeys.IssueAsync(request, cancellationToken);
        }
        catch (IdentityRefusalException e) when (e.Kind == IdentityRefusalKind.NotFound)
        {
            return null;
        }
    }

    /// <summary>
    /// Verifies a token with the organization's issuer. Without one, with the same issuer of any other: a token that nobody signed is refused in the same words and after the same work,
    /// whatever the organization trusts, and what a good one is not for is said only to who has it.
    /// </summary>
    /// <returns>What the token says, and the organization's issuer; null when it trusts none of that URL.</returns>
    private async ValueTask<(WebToken Token, OidcIssuer? Issuer)> VerifyAsync(
        string organization, string token, Func<OidcIssuer, IReadOnlyList<string>> audiences, CancellationToken cancellationToken)
    {
        ThrowIfTooLong(token);
        string url = verifier.IssuerOf(token) ?? throw WebTokenException.Untrusted();
        OidcIssuer? own = IdentityRules.Name("", organization) is null ? await identity.Issuers.FindByUrlAsync(organization, url, cancellationToken) : null;
        OidcIssuer? any = await identity.Issuers.FindAnyByUrlAsync(url, cancellationToken);
        return (WithSubject(await verifier.VerifyAsync(own ?? any ?? throw WebTokenException.Untrusted(), token, own is null ? null : audiences(own), cancellationToken)), own);
    }

    /// <summary>Checks the subject, which becomes a part of the principal's name, which policies and logs have.</summary>
    private static WebToken WithSubject(WebToken verified) => verified.Subject.Length is > 0 and <= MaxSubjectLength && !verified.Subject.Any(char.IsControl)
        ? verified
        : throw new WebTokenException(WebTokenFault.Invalid, $"the token's sub must have 1 to {MaxSubjectLength} characters and no control characters");

    private static void ThrowIfTooLong(string token)
    {
        if (token.Length > MaxTokenLength)
        {
            throw new WebTokenException(WebTokenFault.Invalid, $"a token must have at most {MaxTokenLength} characters");
        }
    }

    private static WebTokenException NotExchanged() => new(WebTokenFault.Denied, "the organization does not exchange tokens of this subject for credentials of its own");

    private static WebTokenException NotAuthorized() => new(WebTokenFault.Denied, "Not authorized to perform sts:AssumeRoleWithWebIdentity");
}

/// <summary>Credentials that were issued to a workload.</summary>
/// <param name="Key">The credentials.</param>
/// <param name="Token">What the workload's token says.</param>
/// <param name="Issuer">Its issuer.</param>
/// <param name="Principal">Whom they authenticate.</param>
public sealed record WorkloadCredentials(NewTemporaryKey Key, WebToken Token, OidcIssuer Issuer, Principal Principal);
