using System.Globalization;
using System.Text;
using Tarn.Core.Errors;
using Tarn.S3.Requests;

namespace Tarn.S3.Auth.SigV4;

/// <summary>The refusals of authentication, in S3's words and with the elements S3 adds. Source: observed and documented S3 answers.</summary>
internal static class AuthErrors
{
    public static S3Exception OnlyOneMechanism() => new(
        S3Error.InvalidArgument,
        "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified");

    public static S3Exception UnsupportedType(string authorization) => new(S3Error.InvalidArgument, "Unsupported Authorization Type")
    {
        Details = [new("ArgumentName", "Authorization"), new("ArgumentValue", authorization)],
    };

    public static S3Exception HeaderMalformed(string what) =>
        new(S3Error.AuthorizationHeaderMalformed, "The authorization header is malformed; " + what);

    public static S3Exception QueryMalformed(string message) => new(S3Error.AuthorizationQueryParametersError, message);

    /// <summary>A malformed credential string, in the words that S3 uses for the mechanism that carried it.</summary>
    public static S3Exception CredentialMalformed(AuthMechanism carrier, string what) => carrier switch
    {
        AuthMechanism.Query => QueryMalformed("Error parsing the X-Amz-Credential parameter; " + what),
        AuthMechanism.Form => new S3Exception(S3Error.InvalidArgument, "Error parsing the X-Amz-Credential field; " + what),
        _ => HeaderMalformed(what),
    };

    public static S3Exception WrongRegion(AuthMechanism carrier, string given, string expected)
    {
        var refusal = CredentialMalformed(carrier, $"the region '{given}' is wrong; expecting '{expected}'");
        return new S3Exception(refusal.Error, refusal.Message) { Details = [new("Region", expected)] };
    }

    public static S3Exception DateRequired() =>
        new(S3Error.AccessDenied, "AWS authentication requires a valid Date or x-amz-date header");

    public static S3Exception HeadersNotSigned(string names) =>
        new(S3Error.AccessDenied, "There were headers present in the request which were not signed")
        {
            Details = [new("HeadersNotSigned", names)],
        };

    /// <summary>A query parameter that counts as a header only under Signature Version 4, in a request signed otherwise or not at all.</summary>
    public static S3Exception QueryNotSigned(ReadOnlySpan<char> name) => name.Equals("x-amz-security-token", StringComparison.OrdinalIgnoreCase)
        ? new S3Exception(S3Error.InvalidToken)
        : new S3Exception(S3Error.InvalidRequest, $"The query parameter {name} counts as a header, which requires Signature Version 4.")
        {
            Details = [new("ParameterName", name.ToString())],
        };

    public static S3Exception UnknownKey(string accessKeyId) => new SignatureException(S3Error.InvalidAccessKeyId, accessKeyId)
    {
        Details = [new("AWSAccessKeyId", accessKeyId)],
    };

    public static S3Exception TooSkewed(string requestTime, DateTimeOffset now, TimeSpan allowed) => new(S3Error.RequestTimeTooSkewed)
    {
        Details =
        [
            new("RequestTime", requestTime),
            new("ServerTime", AmzDate.FormatExtended(now)),
            new("MaxAllowedSkewMilliseconds", allowed.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)),
        ],
    };

    public static S3Exception Expired(long seconds, DateTimeOffset expires, DateTimeOffset now) => new(S3Error.RequestExpired)
    {
        Details =
        [
            new("X-Amz-Expires", seconds.ToString(CultureInfo.InvariantCulture)),
            new("Expires", AmzDate.FormatExtended(expires)),
            new("ServerTime", AmzDate.FormatExtended(now)),
        ],
    };

    public static S3Exception ContentSha256Invalid(string value) => new(
        S3Error.InvalidArgument,
        "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.")
    {
        Details = [new("ArgumentName", "x-amz-content-sha256"), new("ArgumentValue", value)],
    };

    /// <summary>Shows the string that the server signed, for comparison with the client's; never the key or the correct signature.</summary>
    public static S3Exception SignatureMismatch(
        string accessKeyId, ReadOnlySpan<char> provided, ReadOnlySpan<byte> stringToSign, ReadOnlySpan<byte> canonicalRequest)
    {
        string signed = Encoding.UTF8.GetString(stringToSign), canonical = Encoding.UTF8.GetString(canonicalRequest);
        return new SignatureException(S3Error.SignatureDoesNotMatch, accessKeyId)
        {
            StringToSign = signed,
            CanonicalRequest = canonical,
            Details =
            [
                .. Mismatch(accessKeyId, provided.ToString(), signed),
                new("StringToSignBytes", SpacedHex(stringToSign)),
                new("CanonicalRequest", canonical),
                new("CanonicalRequestBytes", SpacedHex(canonicalRequest)),
            ],
        };
    }

    /// <summary>A mismatch under Signature Version 2, which has no canonical request.</summary>
    public static S3Exception SignatureMismatch(string accessKeyId, string provided, string stringToSign) =>
        new SignatureException(S3Error.SignatureDoesNotMatch, accessKeyId)
        {
            StringToSign = stringToSign,
            Details = [.. Mismatch(accessKeyId, provided, stringToSign), new("StringToSignBytes", SpacedHex(Encoding.UTF8.GetBytes(stringToSign)))],
        };

    /// <summary>A mismatch of a form under Signature Version 4, whose string to sign is its policy.</summary>
    public static S3Exception PolicyMismatch(string accessKeyId, string provided, string policy) =>
        new SignatureException(S3Error.SignatureDoesNotMatch, accessKeyId) { StringToSign = policy, Details = Mismatch(accessKeyId, provided, policy) };

    /// <summary>A signature that would be valid for longer than this server allows.</summary>
    public static S3Exception LivesTooLong(string what, TimeSpan most) => QueryMalformed(
        $"{what} must be less than {most.TotalSeconds.ToString(CultureInfo.InvariantCulture)} seconds away in a request that is signed with Signature Version 2");

    private static KeyValuePair<string, string>[] Mismatch(string accessKeyId, string provided, string stringToSign) =>
        [new("AWSAccessKeyId", accessKeyId), new("StringToSign", stringToSign), new("SignatureProvided", provided)];

    private static string SpacedHex(ReadOnlySpan<byte> bytes)
    {
        var text = new StringBuilder(bytes.Length * 3);
        foreach (var value in bytes)
        {
            text.Append(text.Length == 0 ? "" : " ").Append(value.ToString("x2", CultureInfo.InvariantCulture));
        }

        return text.ToString();
    }
}
