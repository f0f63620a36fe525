using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Tarn.S3.Auth.SigV4;

namespace Tarn.S3.Auth;

/// <summary>Signs requests as a client of <see cref="SignedRequests"/>.</summary>
public static class RequestSigner
{
    /// <summary>The headers to send with a request, Authorization among them.</summary>
    /// <param name="accessKeyId">The access key id to sign with.</param>
    /// <param name="secretKey">Its secret.</param>
    /// <param name="service">The service in the credential scope.</param>
    /// <param name="method">HTTP method.</param>
    /// <param name="target">The absolute URL; its path and query are signed as they are sent.</param>
    /// <param name="body">The whole body.</param>
    /// <param name="now">The time of the signature.</param>
    /// <param name="region">The region in the credential scope; the control API takes any.</param>
    public static IReadOnlyList<KeyValuePair<string, string>> Sign(
        string accessKeyId, string secretKey, string service, string method, Uri target, ReadOnlySpan<byte> body, DateTimeOffset now, string region = "tarn")
    {
        ArgumentNullException.ThrowIfNull(target);
        const string signed = "host;x-amz-content-sha256;x-amz-date";
        string timestamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        string hash = Convert.ToHexStringLower(SHA256.HashData(body));
        string scope = $"{timestamp[..8]}/{region}/{service}/{SigV4Signer.Terminator}";
        var headers = new HeaderDictionary { ["host"] = target.Authority, ["x-amz-content-sha256"] = hash, ["x-amz-date"] = timestamp };
        var canonical = new PooledBytes(stackalloc byte[1024]);
        var toSign = new PooledBytes(stackalloc byte[256]);
        try
        {
            CanonicalRequest.Append(
                ref canonical, method, RawTarget.Parse(target.PathAndQuery), headers, signed, signed.Split(';'), hash, presigned: false);
            SigV4Signer.AppendStringToSign(ref toSign, timestamp, scope, canonical.Written);
            byte[] key = SigV4Signer.DeriveKey(secretKey, timestamp.AsSpan(0, 8), region, service);
            string signature = Convert.ToHexStringLower(HMACSHA256.HashData(key, toSign.Written));
            return
            [
                new("x-amz-content-sha256", hash),
                new("x-amz-date", timestamp),
                new("Authorization", $"{SigV4Signer.Algorithm} Credential={accessKeyId}/{scope}, SignedHeaders={signed}, Signature={signature}"),
            ];
        }
        finally
        {
            canonical.Dispose();
            toSign.Dispose();
        }
    }
}
