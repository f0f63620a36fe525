using Microsoft.AspNetCore.Http;
using Tarn.Core.Identity;
using Tarn.S3.Routing;

namespace Tarn.S3.Auth.SigV4;

/// <summary>Verifies a request's signature by recomputing it, on the stack and with cached signing keys.</summary>
internal sealed class SigV4Verifier
{
    private readonly SigningKeyCache _keys = new();
    private readonly SignedHeaderLists _lists = new();

    /// <summary>The cached signing key for a claim's credential; null when it must be derived.</summary>
    public SigningKey? FindKey(SigV4Claim claim) => _keys.Find(claim.Credential.Span);

    /// <summary>Verifies the claim; returns the signing key, which chunk signatures need.</summary>
    /// <exception cref="Tarn.Core.Errors.S3Exception">The signature is wrong or does not cover what must be signed.</exception>
    /// <param name="request">The request.</param>
    /// <param name="target">Its target, without a proxy's prefix.</param>
    /// <param name="claim">What it claims.</param>
    /// <param name="known">The result of <see cref="FindKey"/>.</param>
    /// <param name="credential">The key that it names.</param>
    /// <param name="address">The address that clients of a proxy use; null: as sent.</param>
    public SigningKey Verify(
        HttpRequest request, RawTarget target, SigV4Claim claim, SigningKey? known, Credential credential, PublicAddress? address = null)
    {
        var names = _lists.Split(claim.SignedHeaders.Span);
        SignedHeaderLists.ThrowIfNotSigned(request.Headers, names, target.Query, claim.Presigned && claim.PayloadHash == PayloadForms.Unsigned);
        var key = known is not null && known.SecretKey == credential.SecretKey ? known : Derive(claim, credential);
        ThrowIfSignatureDiffers(request, target, claim, names, key, address);
        if (!ReferenceEquals(key, known))
        {
            _keys.Add(claim.Credential.Span, key);
        }

        return key;
    }

    private static void ThrowIfSignatureDiffers(HttpRequest request, RawTarget target, SigV4Claim claim, string[] names, SigningKey key, PublicAddress? address)
    {
        RawTarget sent = target;
        string? host = null;
        if (address is not null)
        {
            (host, string prefix) = address.Names[0];
            sent = target.Below(prefix);
        }

        var canonical = new PooledBytes(stackalloc byte[1024]);
        var toSign = new PooledBytes(stackalloc byte[256]);
        try
        {
            CanonicalRequest.Append(
                ref canonical, request.Method, sent, request.Headers, claim.SignedHeaders.Span, names, claim.PayloadHash, claim.Presigned, host: host);
            SigV4Signer.AppendStringToSign(ref toSign, claim.Timestamp, key.Scope, canonical.Written);
            if (!key.Verify(toSign.Written, claim.Signature.Span)
                && !SignsPath(request, sent, claim, names, key, PathForm.Decoded, host)
                && !SignsPath(request, sent, claim, names, key, PathForm.Verbatim, host)
                && !SignsName(request, target, claim, names, key, address))
            {
                throw AuthErrors.SignatureMismatch(key.AccessKeyId, claim.Signature.Span, toSign.Written, canonical.Written);
            }
        }
        finally
        {
            canonical.Dispose();
            toSign.Dispose();
        }
    }

    /// <summary>Whether the signature is valid for another address that clients of a proxy use.</summary>
    private static bool SignsName(HttpRequest request, RawTarget target, SigV4Claim claim, string[] names, SigningKey key, PublicAddress? address)
    {
        foreach ((string host, string prefix) in address?.Names ?? [])
        {
            RawTarget below = target.Below(prefix);
            if (SignsPath(request, below, claim, names, key, PathForm.Escaped, host)
                || SignsPath(request, below, claim, names, key, PathForm.Decoded, host)
                || SignsPath(request, below, claim, names, key, PathForm.Verbatim, host)
                || (prefix.Length > 0 && target.Path.Length == 1
                    && SignsPath(request, below with { Path = prefix.AsMemory() }, claim, names, key, PathForm.Escaped, host)))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the signature is valid with the path in another form, if that differs from the previous one.</summary>
    private static bool SignsPath(
        HttpRequest request, RawTarget target, SigV4Claim claim, string[] names, SigningKey key, PathForm path, string? host)
    {
        if (path != PathForm.Escaped && !UriEncoding.IsAnother(target.Path.Span, path))
        {
            return false;
        }

        var canonical = new PooledBytes(stackalloc byte[1024]);
        var toSign = new PooledBytes(stackalloc byte[256]);
        try
        {
            CanonicalRequest.Append(
                ref canonical, request.Method, target, request.Headers, claim.SignedHeaders.Span, names, claim.PayloadHash, claim.Presigned, path, host);
            SigV4Signer.AppendStringToSign(ref toSign, claim.Timestamp, key.Scope, canonical.Written);
            return key.Verify(toSign.Written, claim.Signature.Span);
        }
        finally
        {
            canonical.Dispose();
            toSign.Dispose();
        }
    }

    private static SigningKey Derive(SigV4Claim claim, Credential credential) =>
        CredentialScope.TryParse(claim.Credential.Span, out var scope)
            ? SigningKey.Derive(credential, scope)
            : throw new InvalidOperationException("The claim's credential was not checked before it was verified.");
}
