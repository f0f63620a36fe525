using System.Text;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Objects;
using Tarn.S3.Auth;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Pipeline;
using Tarn.S3.Wire;

namespace Tarn.S3.Forms;

/// <summary>
/// Establishes who signed a form: the policy document is what is signed, and no policy means nobody.
/// Source: Amazon S3 API Reference, "Authenticating Requests in Browser-Based Uploads Using POST (Signature Version 4)".
/// </summary>
/// <param name="credentials">Access keys.</param>
/// <param name="bodies">Reads the request's body.</param>
/// <param name="time">The server's clock.</param>
/// <param name="region">The region that credential scopes must name.</param>
internal sealed class FormAuthenticator(ICredentialSource credentials, UploadBodyFactory bodies, TimeProvider time, string region)
{
    private static readonly string[] Signed = ["policy", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-signature"];

    private readonly SigningKeyCache _keys = new();

    /// <summary>Refuses a form whose request is signed some other way too: only one of them could count.</summary>
    /// <exception cref="S3Exception">InvalidArgument, InvalidRequest.</exception>
    public static void DemandNoOther(HttpRequest request, string rawQuery)
    {
        if (AuthMechanisms.Detect(request.Headers.Authorization, rawQuery.AsMemory()) != AuthMechanism.None)
        {
            throw AuthErrors.OnlyOneMechanism();
        }
    }

    /// <summary>Who a form comes from before it is read.</summary>
    public IAuthenticatedRequest Nobody(S3Context context) => new FormRequest(context, null, bodies);

    /// <summary>Verifies the form's signature.</summary>
    /// <exception cref="S3Exception">The form claims an identity that it does not prove.</exception>
    public async ValueTask<IAuthenticatedRequest> AuthenticateAsync(S3Context context, FormFields fields) =>
        new FormRequest(context, await FindPrincipalAsync(fields, context.CancellationToken), bodies);

    private async ValueTask<Principal?> FindPrincipalAsync(FormFields fields, CancellationToken cancellationToken)
    {
        if (fields["x-amz-security-token"] is not null)
        {
            throw new S3Exception(S3Error.InvalidToken);
        }

        if (fields["AWSAccessKeyId"] is not null || fields["signature"] is not null)
        {
            throw new S3Exception(S3Error.UnsupportedSignature);
        }

        if (!Array.Exists(Signed, name => fields[name] is not null))
        {
            return null;
        }

        string policy = Required(fields, "policy");
        if (Required(fields, "x-amz-algorithm") != SigV4Signer.Algorithm)
        {
            throw Arguments.Invalid("X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256\"", "x-amz-algorithm", fields["x-amz-algorithm"]!);
        }

        string date = Required(fields, "x-amz-date");
        if (!AmzDate.TryParse(date, out _))
        {
            throw Arguments.Invalid("X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", "x-amz-date", date);
        }

        // The date is not compared with the clock: a form may be signed long before it is sent, and its policy says when it ends.
        string credential = Required(fields, "x-amz-credential");
        ScopeRules.Demand(credential, date, region, SigV4Signer.Service, AuthMechanism.Form);
        return await VerifyAsync(policy, credential, Required(fields, "x-amz-signature"), cancellationToken);
    }

    private async ValueTask<Principal> VerifyAsync(string policy, string credential, string signature, CancellationToken cancellationToken)
    {
        SigningKey? known = _keys.Find(credential);
        string id = known?.AccessKeyId ?? AccessKeyId(credential);
        Credential? found = await credentials.FindAsync(id, cancellationToken);
        if (found is null || found.Expires <= time.GetUtcNow())
        {
            throw AuthErrors.UnknownKey(id);
        }

        SigningKey key = known is not null && known.SecretKey == found.SecretKey ? known : Derive(found, credential);
        if (!key.Verify(Encoding.UTF8.GetBytes(policy), signature))
        {
            throw new S3Exception(S3Error.SignatureDoesNotMatch)
            {
                Details = [new("AWSAccessKeyId", id), new("StringToSign", policy), new("SignatureProvided", signature)],
            };
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

    /// <summary>A request whose signature is inside its body.</summary>
    private sealed class FormRequest(S3Context context, Principal? principal, UploadBodyFactory bodies) : IAuthenticatedRequest
    {
        public Principal? Principal => principal;

        public IUploadBody OpenBody() => bodies.Create(context.Request, default);
    }
}
