using Tarn.Core.Identity;

namespace Tarn.Core.Federation;

/// <summary>Verifies tokens of workloads: JSON Web Tokens that an OpenID Connect issuer has signed.</summary>
public interface IWebTokenVerifier
{
    /// <summary>The <c>iss</c> of a token, not verified: it tells only which issuer to ask. Null when the text is no token.</summary>
    string? IssuerOf(string token);

    /// <summary>Verifies a token's signature, issuer, audience and times.</summary>
    /// <param name="issuer">The issuer that must have signed it.</param>
    /// <param name="token">The token.</param>
    /// <param name="audiences">The audiences of which it must have one; null: any will do.</param>
    /// <param name="cancellationToken">Cancels the verification.</param>
    /// <exception cref="WebTokenException">
    /// It is not valid, or the issuer's keys cannot be had. Up to the signature it is always <see cref="WebTokenException.Untrusted"/>: until then anyone may have written it.
    /// </exception>
    ValueTask<WebToken> VerifyAsync(OidcIssuer issuer, string token, IReadOnlyList<string>? audiences, CancellationToken cancellationToken);
}

/// <summary>What a verified token says.</summary>
/// <param name="Subject">Its <c>sub</c>.</param>
/// <param name="Audience">That of its audiences for which it was accepted; empty where any would do.</param>
/// <param name="Claims">All its claims, each with its values; the members of a claim that is an object by <c>CLAIM/MEMBER</c>.</param>
public sealed record WebToken(string Subject, string Audience, IReadOnlyDictionary<string, IReadOnlyList<string>> Claims);

/// <summary>What is wrong with a token.</summary>
public enum WebTokenFault
{
    /// <summary>It is no token, not signed as it must be, or not by the issuer, or for others.</summary>
    Invalid,

    /// <summary>It has expired, or is not valid yet.</summary>
    Expired,

    /// <summary>It is valid, but what it asks for is not given to it.</summary>
    Denied,

    /// <summary>The issuer's keys cannot be had now.</summary>
    Unreachable,
}

/// <summary>A token is not accepted. The message is for whoever sent it.</summary>
public sealed class WebTokenException : Exception
{
    /// <param name="fault">What is wrong.</param>
    /// <param name="message">For whoever sent the token.</param>
    /// <param name="inner">The cause; null for none.</param>
    public WebTokenException(WebTokenFault fault, string message, Exception? inner = null) : base(message, inner) => Fault = fault;

    /// <inheritdoc/>
    public WebTokenException() { }

    /// <inheritdoc/>
    public WebTokenException(string message) : base(message) { }

    /// <inheritdoc/>
    public WebTokenException(string message, Exception inner) : base(message, inner) { }

    /// <summary>What is wrong.</summary>
    public WebTokenFault Fault { get; }

    /// <summary>The refusal of everything that no trusted issuer has signed: one, so that it does not tell who trusts which issuer.</summary>
    public static WebTokenException Untrusted() =>
        new(WebTokenFault.Invalid, "The token is not accepted: it is not a JSON Web Token that a trusted issuer has signed with RS256 or ES256");
}
