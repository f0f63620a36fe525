using Microsoft.AspNetCore.Http;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Policy;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>The values for policy conditions that a request to another API has, whatever it asks for: at once, or later from what was noted of it.</summary>
public static class RequestOrigin
{
    /// <summary>Notes them.</summary>
    /// <param name="http">A request that was authenticated by a token, by a signature in its headers, or by the cookie of a session of the console, which signs nothing.</param>
    /// <param name="principal">Who sent it.</param>
    public static JobOrigin Of(HttpContext http, Principal principal)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(principal);
        bool isSigned = !principal.HoldsToken && http.Request.Headers.Authorization.Count > 0;
        return new JobOrigin
        {
            Remote = http.Connection.RemoteIpAddress,
            IsSecure = http.Request.IsHttps,
            TlsVersion = RequestConditions.TlsVersion(http, http.Features.Get<PublicAddress>()),
            IsSigned = isSigned,
            SignedAt = isSigned && AmzDate.TryParse(http.Request.Headers["x-amz-date"].ToString(), out DateTimeOffset signed) ? signed : null,
            UserAgent = Header("User-Agent"),
            Referer = Header("Referer"),
            ContentSha256 = Header(PayloadForms.Header),
        };

        string? Header(string name) => http.Request.Headers.TryGetValue(name, out var value) ? value.ToString() : null;
    }

    /// <summary>The value of a key; the default for one that every request has not.</summary>
    internal static ConditionValue Get(JobOrigin origin, DateTimeOffset now, ConditionKey key) => key switch
    {
        ConditionKey.SourceIp => origin.Remote is { } address ? ConditionValue.Of(address) : default,
        ConditionKey.SecureTransport => ConditionValue.Of(origin.IsSecure),
        ConditionKey.TlsVersion => ConditionValue.Of(origin.TlsVersion),
        ConditionKey.CurrentTime => ConditionValue.Of(now),
        ConditionKey.UserAgent => ConditionValue.Of(origin.UserAgent),
        ConditionKey.Referer => ConditionValue.Of(origin.Referer),
        ConditionKey.ContentSha256 => ConditionValue.Of(origin.ContentSha256),
        ConditionKey.AuthType => ConditionValue.Of(origin.IsSigned ? "REST-HEADER" : null),
        ConditionKey.SignatureVersion => ConditionValue.Of(origin.IsSigned ? SigV4Signer.Algorithm : null),

        // As for S3 requests: a signature without a time that is known may be of any age.
        ConditionKey.SignatureAge => !origin.IsSigned ? default : ConditionValue.Of(origin.SignedAt is { } at ? (long)(now - at).TotalMilliseconds : long.MaxValue),
        _ => default,
    };
}
