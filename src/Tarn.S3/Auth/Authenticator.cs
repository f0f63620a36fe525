using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Auth;

/// <summary>Establishes who sent a request: Signature Version 4 or 2 by header or by query, a token, or nobody.</summary>
/// <param name="credentials">Access keys.</param>
/// <param name="time">The server's clock.</param>
/// <param name="region">The region that credential scopes must name; null: any.</param>
/// <param name="service">The service that they must name: a signature for one service must not be valid for another.</param>
/// <param name="tokens">Tokens of the control API; null: none are accepted.</param>
/// <param name="version2">Verifies Signature Version 2, which names no service and so is for S3 only; null: it is not accepted.</param>
internal sealed class Authenticator(
    ICredentialSource credentials, TimeProvider time, string? region, string service = SigV4Signer.Service, ITokenSource? tokens = null,
    SigV2Authenticator? version2 = null)
{
    private readonly SigV4Verifier _verifier = new();

    /// <summary>Verifies the request's signature without touching its body.</summary>
    /// <param name="context">The request.</param>
    /// <param name="hostBucket">The bucket in its host name; null when the bucket is in its path.</param>
    /// <param name="anyRegion">Whether the scope may name another region.</param>
    /// <param name="bodySha256">The SHA-256 (hex) of the body, where it was read before: services other than S3 sign it without a header. Null: as the request says.</param>
    /// <exception cref="S3Exception">Authentication failed.</exception>
    public ValueTask<AuthenticationResult> AuthenticateAsync(
        HttpContext context, string? hostBucket = null, bool anyRegion = false, string? bodySha256 = null)
    {
        var headers = context.Request.Headers;
        var rawTarget = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var target = RawTarget.Parse(rawTarget);
        var now = time.GetUtcNow();
        SigV4Claim claim;
        DateTimeOffset signedAt;
        AuthMechanism mechanism = AuthMechanisms.Detect(headers.Authorization, target.Query);
        switch (mechanism)
        {
            case AuthMechanism.Header:
                claim = AuthorizationHeader.Parse(headers.Authorization.ToString(), headers, out signedAt, bodySha256);
                ThrowIfOutOfScope(claim, anyRegion ? null : region);
                ClockSkew.ThrowIfTooSkewed(claim.Timestamp, signedAt, now);
                break;
            case AuthMechanism.Query:
                claim = PresignedQuery.Parse(target.Query, headers, out signedAt, out var expires);
                ThrowIfOutOfScope(claim, anyRegion ? null : region);
                ThrowIfNotValidAt(signedAt, expires, now);
                break;
            case AuthMechanism.Token:
                return VerifyTokenAsync(headers.Authorization.ToString(), context);
            case AuthMechanism.HeaderVersion2 or AuthMechanism.QueryVersion2:
                return version2 is null
                    ? throw new S3Exception(S3Error.UnsupportedSignature)
                    : version2.AuthenticateAsync(context, target, mechanism, hostBucket, now);
            default:
                return new(new AuthenticationResult(null, BodyForms.Anonymous(headers)));
        }

        if (bodySha256 is not null)
        {
            ThrowIfOtherBody(headers, bodySha256);
            claim = claim with { PayloadHash = bodySha256 };
        }

        var body = BodyForms.Decide(claim, headers);
        var facts = new SignatureFacts(mechanism, signedAt, claim.PayloadHash);
        var known = _verifier.FindKey(claim);
        var accessKeyId = known?.AccessKeyId ?? AccessKeyId(claim);
        var lookup = credentials.FindAsync(accessKeyId, context.RequestAborted);
        if (!lookup.IsCompletedSuccessfully)
        {
            return VerifyLaterAsync(lookup, context, target, claim, body, facts, known, accessKeyId, now);
        }

#pragma warning disable VSTHRD103 // It has completed: a cached credential needs no state machine.
        return new(Verify(context, target, claim, body, facts, known, lookup.Result, accessKeyId, now));
#pragma warning restore VSTHRD103
    }

    private async ValueTask<AuthenticationResult> VerifyTokenAsync(string token, HttpContext context)
    {
        if (tokens is null)
        {
            throw AuthErrors.UnsupportedType(ApiTokens.Prefix);
        }

        return await tokens.AuthenticateAsync(token, context.RequestAborted) is { } holder
            ? new AuthenticationResult(holder, BodyForms.Anonymous(context.Request.Headers))
            : throw new S3Exception(S3Error.InvalidAccessKeyId, "The token is not known.");
    }

    private async ValueTask<AuthenticationResult> VerifyLaterAsync(
        ValueTask<Credential?> lookup,
        HttpContext context,
        RawTarget target,
        SigV4Claim claim,
        BodySigning body,
        SignatureFacts facts,
        SigningKey? known,
        string accessKeyId,
        DateTimeOffset now) => Verify(context, target, claim, body, facts, known, await lookup.ConfigureAwait(false), accessKeyId, now);

    private AuthenticationResult Verify(
        HttpContext context,
        RawTarget target,
        SigV4Claim claim,
        BodySigning body,
        SignatureFacts facts,
        SigningKey? known,
        Credential? credential,
        string accessKeyId,
        DateTimeOffset now)
    {
        SessionTokens.Accept(credential, accessKeyId, SessionTokens.Of(context.Request.Headers), now);
        var key = _verifier.Verify(context.Request, target, claim, known, credential, context.Features.Get<PublicAddress>());
        var seed = body.Kind is BodySigningKind.SignedChunks or BodySigningKind.SignedChunksAndTrailer
            ? new ChunkSigningSeed(key.Key, claim.Timestamp, key.Scope, claim.Signature.ToString())
            : null;
        return new AuthenticationResult(credential.Principal, body with { Chunks = seed }, facts) { Credential = credential };
    }

    private static void ThrowIfOtherBody(IHeaderDictionary headers, string bodySha256)
    {
        if (headers.TryGetValue(PayloadForms.Header, out var declared) && !declared.ToString().Equals(bodySha256, StringComparison.OrdinalIgnoreCase))
        {
            throw new S3Exception(S3Error.ContentSha256Mismatch);
        }
    }

    private static string AccessKeyId(SigV4Claim claim) =>
        CredentialScope.TryParse(claim.Credential.Span, out var scope) ? scope.AccessKeyId.ToString() : "";

    private void ThrowIfOutOfScope(SigV4Claim claim, string? wanted) =>
        ScopeRules.ThrowIfInvalid(claim.Credential.Span, claim.Timestamp, wanted, service, claim.Presigned ? AuthMechanism.Query : AuthMechanism.Header);

    private static void ThrowIfNotValidAt(DateTimeOffset signedAt, long expires, DateTimeOffset now)
    {
        if (signedAt - now > ClockSkew.Max)
        {
            throw new S3Exception(S3Error.AccessDenied, "Request is not yet valid");
        }

        // Compared as a difference: adding to a date near the end of the calendar would overflow.
        if (now - signedAt > TimeSpan.FromSeconds(expires))
        {
            throw AuthErrors.Expired(expires, signedAt.AddSeconds(expires), now);
        }
    }
}
