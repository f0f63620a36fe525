using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Auth.SigV2;

/// <summary>
/// Authenticates requests and forms that are signed with Signature Version 2, which older programs use, and some newer ones for URLs.
/// Source: Amazon S3 User Guide, "Signing and authenticating REST requests (AWS signature version 2)"; "Browser-based uploads using POST
/// (AWS signature version 2)".
/// </summary>
/// <param name="credentials">Access keys.</param>
/// <param name="time">The server's clock.</param>
/// <param name="options">Where it is accepted, and the longest life of URLs and forms.</param>
/// <param name="usage">Counts its uses.</param>
/// <param name="parameters">The query parameters that have a meaning, which must be signed.</param>
internal sealed class SigV2Authenticator(
    ICredentialSource credentials, TimeProvider time, SignatureV2Options options, SignatureV2Usage usage, KnownParameters parameters)
{
    /// <summary>The longest time to the expiry of a URL or form.</summary>
    public TimeSpan MaxLife => options.MaxLife;

    /// <summary>Verifies a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">Its target as sent.</param>
    /// <param name="mechanism">Where the signature is.</param>
    /// <param name="hostBucket">The bucket in its host name; null when the bucket is in its path.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="S3Exception">Authentication failed, or the request asks for more than its signature covers.</exception>
    public async ValueTask<AuthenticationResult> AuthenticateAsync(
        HttpContext context, RawTarget target, AuthMechanism mechanism, string? hostBucket, DateTimeOffset now)
    {
        bool presigned = mechanism == AuthMechanism.QueryVersion2;
        if (options.Use == SignatureV2Use.Off || (!presigned && options.Use != SignatureV2Use.All))
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        HttpRequest request = context.Request;
        SigV2Claim claim = presigned ? SigV2Claim.OfQuery(target.Query, now, options.MaxLife) : SigV2Claim.OfHeader(request.Headers, now);
        if (!RequestQuery.TryParse(target.Query.Span, out RequestQuery query))
        {
            throw new S3Exception(S3Error.InvalidUri);
        }

        SigV2Resource.ThrowIfNotCovered(query, parameters, presigned);
        BodySigning body = BodyForms.Anonymous(request.Headers);
        Credential credential = await FindAsync(claim.AccessKeyId, SessionTokens.Of(request.Headers), context.RequestAborted);
        string head = Head(request, claim.Date);
        IEnumerable<string> resources = Prefixes(context).SelectMany(prefix => SigV2Resource.Forms(target.Below(prefix), hostBucket));
        if (!resources.Any(resource => SigV2Signer.Verify(credential.SecretKey, head + resource, claim.Signature)))
        {
            throw AuthErrors.SignatureMismatch(claim.AccessKeyId, claim.Signature, head + resources.First());
        }

        string payload = request.Headers.TryGetValue(PayloadForms.Header, out var declared) ? declared.ToString() : PayloadForms.Unsigned;
        return new AuthenticationResult(Accept(credential, mechanism), body, new SignatureFacts(mechanism, claim.SignedAt, payload));
    }

    /// <summary>Verifies a form, in which the policy document is signed.</summary>
    /// <exception cref="S3Exception">Authentication failed.</exception>
    /// <param name="accessKeyId">The access key id in the form.</param>
    /// <param name="policy">The policy document, as the form has it.</param>
    /// <param name="signature">The signature in the form.</param>
    /// <param name="sessionToken">The session token in the form; null without one.</param>
    /// <param name="cancellationToken">Cancels the look-up.</param>
    public async ValueTask<Principal> AuthenticateFormAsync(
        string accessKeyId, string policy, string signature, string? sessionToken, CancellationToken cancellationToken)
    {
        if (options.Use == SignatureV2Use.Off)
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        Credential credential = await FindAsync(accessKeyId, sessionToken, cancellationToken);
        return SigV2Signer.Verify(credential.SecretKey, policy, signature)
            ? Accept(credential, AuthMechanism.FormVersion2)
            : throw AuthErrors.SignatureMismatch(accessKeyId, signature, policy);
    }

    /// <summary>The path prefixes that may have been signed; the host is not signed. Some programs omit the prefix, since AWS has none.</summary>
    private static IEnumerable<string> Prefixes(HttpContext context) =>
        context.Features.Get<PublicAddress>() is { } address ? address.Names.Select(static name => name.Prefix).Append("").Distinct() : [""];

    private async ValueTask<Credential> FindAsync(string accessKeyId, string? sessionToken, CancellationToken cancellationToken)
    {
        Credential? credential = await credentials.FindAsync(accessKeyId, cancellationToken);
        SessionTokens.Accept(credential, accessKeyId, sessionToken, time.GetUtcNow());
        return credential;
    }

    private Principal Accept(Credential credential, AuthMechanism mechanism)
    {
        if (credential.Principal.DiskScope is not null)
        {
            // Only a requester who has proved to hold the key is told this.
            throw new S3Exception(S3Error.UnsupportedSignature, "The key of a disk signs with Signature Version 4 only.");
        }

        usage.Note(credential.AccessKeyId, mechanism);
        return credential.Principal;
    }

    /// <summary>The string to sign, up to the resource.</summary>
    private static string Head(HttpRequest request, string date)
    {
        IHeaderDictionary headers = request.Headers;
        var text = new StringBuilder()
            .Append(request.Method).Append('\n')
            .Append(headers.ContentMD5.ToString()).Append('\n')
            .Append(headers.ContentType.ToString()).Append('\n')
            .Append(date).Append('\n');
        foreach (var header in headers.Where(header => QueryHeaders.IsAmazon(header.Key)).OrderBy(header => header.Key.ToLowerInvariant(), StringComparer.Ordinal))
        {
            text.Append(header.Key.ToLowerInvariant()).Append(':')
                .AppendJoin(',', header.Value.Select(value => value.AsSpan().Trim(" \t").ToString())).Append('\n');
        }

        return text.ToString();
    }
}
