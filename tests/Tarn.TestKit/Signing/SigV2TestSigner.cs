using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Tarn.TestKit.Signing;

/// <summary>Signs with Signature Version 2 as an old client does, apart from the server's own code.</summary>
public sealed class SigV2TestSigner(string accessKeyId, string secretKey)
{
    // What boto signs: botocore/auth.py, QSAOfInterest.
    private static readonly string[] Signed =
    [
        "accelerate", "acl", "cors", "defaultObjectAcl", "location", "logging", "partNumber", "policy", "requestPayment", "torrent", "versioning",
        "versionId", "versions", "website", "uploads", "uploadId", "response-content-type", "response-content-language", "response-expires",
        "response-cache-control", "response-content-disposition", "response-content-encoding", "delete", "lifecycle", "tagging", "restore",
        "storageClass", "notification", "replication", "analytics", "metrics", "inventory", "select", "select-type", "object-lock",
    ];

    public string AccessKeyId => accessKeyId;

    /// <summary>The signature of any text.</summary>
#pragma warning disable CA5350 // What Signature Version 2 is made of.
    public string Sign(string text) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secretKey), Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5350

    /// <summary>A presigned URL's target.</summary>
    /// <param name="method">HTTP method.</param>
    /// <param name="target">Path and query as they go on the wire.</param>
    /// <param name="expires">When it ends, in seconds since 1970.</param>
    /// <param name="headers">Headers that are signed with it: <c>x-amz-*</c>, Content-Type and Content-MD5.</param>
    /// <param name="hostBucket">The bucket in the host's name.</param>
    public string Presign(string method, string target, long expires, IReadOnlyDictionary<string, string>? headers = null, string? hostBucket = null)
    {
        string end = expires.ToString(CultureInfo.InvariantCulture);
        string signature = Sign(Text(method, target, end, headers ?? new Dictionary<string, string>(), hostBucket));
        return $"{target}{(target.Contains('?') ? '&' : '?')}AWSAccessKeyId={Uri.EscapeDataString(accessKeyId)}&Signature={Uri.EscapeDataString(signature)}&Expires={end}";
    }

    /// <summary>The Authorization header; where there is no x-amz-date, Date is signed.</summary>
    public string Authorization(string method, string target, IReadOnlyDictionary<string, string> headers, string? hostBucket = null)
    {
        string date = headers.ContainsKey("x-amz-date") ? "" : headers.GetValueOrDefault("Date", "");
        return $"AWS {accessKeyId}:{Sign(Text(method, target, date, headers, hostBucket))}";
    }

    private static string Text(string method, string target, string date, IReadOnlyDictionary<string, string> headers, string? hostBucket)
    {
        string[] split = target.Split('?', 2);
        string[] parameters = split.Length == 1 ? [] : [.. split[1].Split('&')
            .Where(pair => Signed.Contains(pair.Split('=')[0]))
            .Select(Uri.UnescapeDataString).OrderBy(pair => pair.Split('=')[0], StringComparer.Ordinal)];
        string amazon = string.Concat(headers.Where(h => h.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
            .OrderBy(h => h.Key.ToLowerInvariant(), StringComparer.Ordinal).Select(h => $"{h.Key.ToLowerInvariant()}:{h.Value.Trim()}\n"));
        return $"{method}\n{headers.GetValueOrDefault("Content-MD5", "")}\n{headers.GetValueOrDefault("Content-Type", "")}\n{date}\n{amazon}"
            + (hostBucket is null ? "" : "/" + hostBucket) + split[0] + (parameters.Length == 0 ? "" : "?" + string.Join('&', parameters));
    }
}
