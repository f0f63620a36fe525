using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Forms;

/// <summary>
/// Authenticates a form: the policy document is what is signed, and a form without a policy is anonymous.
/// Source: Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST (Signature Version 4)"; of Signature
/// Version 2, <see cref="SigV2Authenticator"/>.
/// </summary>
/// <param name="credentials">Access keys.</param>
/// <param name="bodies">Reads the request's body.</param>
/// <param name="time">The server's clock.</param>
/// <param name="region">The region that credential scopes must name.</param>
/// <param name="version2">Verifies Signature Version 2; null: it is not accepted.</param>
internal sealed class FormAuthenticator(
    ICredentialSource credentials, UploadBodyFactory bodies, TimeProvider time, string region, SigV2Authenticator? version2 = null)
{
    private static readonly string[] OnlyVersion4 = ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];
    private static readonly string[] OnlyVersion2 = ["AWSAccessKeyId", "signature"];

    private readonly SigningKeyCache _keys = new();

    /// <summary>Refuses a form whose request is also signed in its header or query: only one signature is allowed.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidRequest.</exception>
    public static void ThrowIfAlsoSigned(HttpRequest request, string rawQuery)
    {
        if (AuthMechanisms.Detect(request.Headers.Authorization, rawQuery.AsMemory()) != AuthMechanism.None)
        {
            throw AuthErrors.OnlyOneMechanism();
        }
    }

    /// <summary>The body of a form's request, of which only the length is checked.</summary>
    public IUploadBody OpenBody(HttpRequest request) => bodies.Create(request, default);

    /// <summary>Refuses a policy that is valid for longer than its signature may be.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public void ThrowIfLivesTooLong(SignatureFacts signature, PostPolicy policy, DateTimeOffset now)
    {
        if (signature.Mechanism == AuthMechanism.FormVersion2 && version2 is not null && policy.Expiration - now > version2.MaxLife)
        {
            throw FormErrors.Denied(
                $"Policy expires too late: one that is signed with Signature Version 2 may be valid for at most {version2.MaxLife.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds.");
        }
    }

    /// <summary>Verifies the form's signature.</summary>
    /// <exception cref="S3Exception">Authentication failed.</exception>
    public async ValueTask<(Principal? Principal, SignatureFacts Signature)> AuthenticateAsync(FormFields fields, CancellationToken cancellationToken)
    {
        bool isVersion4 = Array.Exists(OnlyVersion4, name => fields[name] is not null);
        if (Array.Exists(OnlyVersion2, name => fields[name] is not null))
        {
            return isVersion4 ? throw AuthErrors.OnlyOneMechanism() : await FindByVersion2Async(fields, cancellationToken);
        }

        if (!isVersion4 && fields["policy"] is null)
        {
            ThrowIfTokenAlone(fields);
            return default;
        }

        string policy = Required(fields, "policy");
        if (Required(fields, "x-amz-algorithm") != SigV4Signer.Algorithm)
        {
            throw Arguments.Invalid("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", "x-amz-algorithm", fields["x-amz-algorithm"]!);
        }

        string date = Required(fields, "x-amz-date");
        if (!AmzDate.TryParse(date, out DateTimeOffset signedAt))
        {
            throw Arguments.Invalid("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", "x-amz-date", date);
        }

        // The date is not compared with the clock: a form may be signed long before it is sent, and its policy has an expiration.
        string credential = Required(fields, "x-amz-credential");
        ScopeRules.ThrowIfInvalid(credential, date, region, SigV4Signer.Service, AuthMechanism.Form);
        return (
            await VerifyAsync(policy, credential, Required(fields, "x-amz-signature"), fields[SessionTokens.Header], cancellationToken),
            new SignatureFacts(AuthMechanism.Form, signedAt, PayloadForms.Unsigned));
    }

    private async ValueTask<(Principal? Principal, SignatureFacts Signature)> FindByVersion2Async(FormFields fields, CancellationToken cancellationToken)
    {
        if (version2 is null)
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        string policy = Required(fields, "policy"), id = Required(fields, "AWSAccessKeyId"), signature = Required(fields, "signature");
        return (
            await version2.AuthenticateFormAsync(id, policy, signature, fields[SessionTokens.Header], cancellationToken),
            new SignatureFacts(AuthMechanism.FormVersion2, null, PayloadForms.Unsigned));
    }

    /// <summary>A token without a signature proves nothing, and whoever sends one does not mean to be anonymous.</summary>
    private static void ThrowIfTokenAlone(FormFields fields)
    {
        if (fields[SessionTokens.Header] is not null)
        {
            throw new S3Exception(S3Error.InvalidToken);
        }
    }

    private async ValueTask<Principal> VerifyAsync(
        string policy, string credential, string signature, string? sessionToken, CancellationToken cancellationToken)
    {
        SigningKey? known = _keys.Find(credential);
        string id = known?.AccessKeyId ?? AccessKeyId(credential);
        Credential? found = await credentials.FindAsync(id, cancellationToken);
        SessionTokens.Accept(found, id, sessionToken, time.GetUtcNow());
        SigningKey key = known is not null && known.SecretKey == found.SecretKey ? known : Derive(found, credential);
        if (!key.Verify(Encoding.UTF8.GetBytes(policy), signature))
        {
            throw AuthErrors.PolicyMismatch(id, signature, policy);
        }

        if (!ReferenceEquals(key, known))
        {
            _keys.Add(credential, key);
        }

        return found.Principal;
    }

    private static string AccessKeyId(string credential) =>
        CredentialScope.TryParse(credential, out CredentialScope scope) ? scope.AccessKeyId.ToString() : "";

    private static SigningKey Derive(Credential found, string credential) =>
        CredentialScope.TryParse(credential, out CredentialScope scope)
            ? SigningKey.Derive(found, scope)
            : throw new InvalidOperationException("The credential was not checked before it was verified.");

    private static string Required(FormFields fields, string name) =>
        fields[name] is { Length: > 0 } value ? value : throw FormErrors.Missing(name);
}
