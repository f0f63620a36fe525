using System.Text.RegularExpressions;
using Tarn.Core.Errors;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;

namespace Tarn.S3.Access;

/// <summary>Describes a request whose authentication failed: what the server received, without its secrets.</summary>
internal static partial class SignatureDenial
{
    /// <summary>The maximum length to which each text is kept, in characters.</summary>
    private const int MaxEvidence = 8 * 1024;

    /// <summary>Whether a refusal concerns the signature.</summary>
    public static bool IsAbout(S3Exception refusal) => refusal is SignatureException;

    public static Denial Of(S3Request request, S3Exception refusal, DateTimeOffset now)
    {
        var signature = refusal as SignatureException;
        return new Denial(request.Id, now, DenialKind.Signature, $"{refusal.Error.Code}: {refusal.Message}")
        {
            AccessKeyId = signature?.AccessKeyId ?? ClaimedKey(request),
            Operation = request.Operation?.Name,
            Signature = signature?.StringToSign is { } toSign
                ? new SignatureEvidence(Show(signature.CanonicalRequest), Show(toSign), Show(request.Host))
                : null,
        };
    }

    /// <summary>The access key id of a request that was refused before the key was looked up: expired, or for another region.</summary>
    private static string? ClaimedKey(S3Request request)
    {
        if (request.Query["AWSAccessKeyId"] is { Length: > 0 } id)
        {
            return id;
        }

        string header = request.Headers.Authorization.ToString();
        string? credential = CredentialPart().Match(header) is { Success: true } match
            ? match.Groups[1].Value
            : request.Query["X-Amz-Credential"];
        return credential is not null && CredentialScope.TryParse(credential, out CredentialScope scope) ? scope.AccessKeyId.ToString() : null;
    }

    // Signed headers and parameters may hold customers' encryption keys and session tokens: the names are kept, the values are not.
    private static string Show(string? text)
    {
        string shown = Secrets().Replace(text ?? "", "$1$2(withheld)");
        return shown.Length <= MaxEvidence ? shown : shown[..MaxEvidence];
    }

    [GeneratedRegex("Credential=([^,]+)", RegexOptions.NonBacktracking)]
    private static partial Regex CredentialPart();

    [GeneratedRegex(
        "(^(?:x-amz-(?:copy-source-)?server-side-encryption-customer-key|x-amz-security-token|authorization|cookie):)[^\\n]*"
        + "|((?:^|&)x-amz-(?:(?:copy-source-)?server-side-encryption-customer-key|security-token)=)[^&\\n]*",
        RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Secrets();
}
