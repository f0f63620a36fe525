using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.TestKit.Http;

/// <summary>
/// Signature Version 4 as little as the raw client needs: headers <c>host</c>, <c>x-amz-*</c> and an unsigned payload.
/// Written apart from the server's own implementation, so that each checks the other.
/// See https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
/// </summary>
internal static class RawS3Signer
{
    /// <summary>What stands for the payload's hash.</summary>
    public const string UnsignedPayload = "UNSIGNED-PAYLOAD";

    /// <summary>The <c>Authorization</c> header.</summary>
    /// <param name="access">The credentials and region.</param>
    /// <param name="method">The HTTP method.</param>
    /// <param name="path">The escaped path as it is sent.</param>
    /// <param name="query">Unescaped names and values.</param>
    /// <param name="headers">The headers to sign, names in lower case; must hold host, x-amz-date, x-amz-content-sha256.</param>
    /// <param name="now">The time of signing; must agree with x-amz-date.</param>
    public static string Authorization(
        (string AccessKey, string SecretKey, string Region) access,
        string method,
        string path,
        IEnumerable<KeyValuePair<string, string>> query,
        SortedDictionary<string, string> headers,
        DateTimeOffset now
    )
    {
        var day = now.ToString("yyyyMMdd", CultureInfo.InvariantCulture);
        var scope = $"{day}/{access.Region}/s3/aws4_request";
        var signed = string.Join(';', headers.Keys);
        var canonical = string.Join(
            '\n',
            method,
            path,
            CanonicalQuery(query),
            string.Concat(headers.Select(header => $"{header.Key}:{header.Value.Trim()}\n")),
            signed,
            headers["x-amz-content-sha256"]
        );
        var digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)));
        var toSign = $"AWS4-HMAC-SHA256\n{headers["x-amz-date"]}\n{scope}\n{digest}";

        var key = Encoding.UTF8.GetBytes("AWS4" + access.SecretKey);
        foreach (var part in (string[])[day, access.Region, "s3", "aws4_request"])
        {
            key = Hmac(key, part);
        }

        var signature = Convert.ToHexStringLower(Hmac(key, toSign));
        return $"AWS4-HMAC-SHA256 Credential={access.AccessKey}/{scope}, SignedHeaders={signed}, Signature={signature}";
    }

    /// <summary>The query sorted and escaped: it is sent exactly as it is signed.</summary>
    public static string CanonicalQuery(IEnumerable<KeyValuePair<string, string>> query) =>
        string.Join(
            '&',
            query
                .Select(pair => (Name: Escape(pair.Key), Value: Escape(pair.Value)))
                .OrderBy(pair => pair.Name, StringComparer.Ordinal)
                .ThenBy(pair => pair.Value, StringComparer.Ordinal)
                .Select(pair => $"{pair.Name}={pair.Value}")
        );

    /// <summary>Percent-escapes all UTF-8 bytes but the unreserved characters of RFC 3986.</summary>
    public static string Escape(string text) => Uri.EscapeDataString(text);

    private static byte[] Hmac(byte[] key, string text) => HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text));
}
