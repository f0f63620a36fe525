using System.Security.Authentication;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Auth.SigV2;
using Tarn.S3.Auth.SigV4;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>
/// The request's values for policy conditions; each is computed when a statement asks for it.
/// Source: Service Authorization Reference, "Condition keys for Amazon S3".
/// </summary>
/// <param name="caller">The request, and who sent it.</param>
/// <param name="clock">The server's.</param>
/// <param name="stored">The object as it is stored, where a policy asks for its tags; null when there is none.</param>
/// <param name="version">The version id asked for; for a copy source or a key of a list it is not the request's own.</param>
/// <param name="listed">The prefix of a hypothetical listing; default for none.</param>
internal sealed class RequestConditions(
    S3Caller caller, TimeProvider clock, StoredObject? stored, string? version, ObjectKey listed = default) : IConditionSource
{
    public ConditionValue Get(ConditionKey key, string? tagKey)
    {
        S3Request request = caller.Request;
        return key switch
        {
            ConditionKey.SourceIp => ConditionValue.Of(request.Http.Connection.RemoteIpAddress),
            ConditionKey.SecureTransport => ConditionValue.Of(request.Http.Request.IsHttps),
            ConditionKey.TlsVersion => ConditionValue.Of(TlsVersion(request.Http, request.Public)),
            ConditionKey.CurrentTime => ConditionValue.Of(clock.GetUtcNow()),
            ConditionKey.UserAgent => Header("User-Agent"),
            ConditionKey.Referer => Header("Referer"),
            ConditionKey.Prefix => ConditionValue.Of(listed.Utf8.Length > 0 ? listed.ToString() : OfListing("prefix")),
            ConditionKey.Delimiter => ConditionValue.Of(OfListing("delimiter")),
            ConditionKey.MaxKeys => ConditionValue.Of(OfListing("max-keys")),
            ConditionKey.Acl => Header(AclHeaders.CannedName),
            ConditionKey.GrantRead => Header("x-amz-grant-read"),
            ConditionKey.GrantWrite => Header("x-amz-grant-write"),
            ConditionKey.GrantReadAcp => Header("x-amz-grant-read-acp"),
            ConditionKey.GrantWriteAcp => Header("x-amz-grant-write-acp"),
            ConditionKey.GrantFullControl => Header("x-amz-grant-full-control"),
            ConditionKey.CopySource => CopySourceName(),
            ConditionKey.MetadataDirective => Header("x-amz-metadata-directive"),
            ConditionKey.ContentSha256 => caller.Principal is null ? Header(PayloadForms.Header) : ConditionValue.Of(caller.Signature.Payload),
            ConditionKey.StorageClass => Header("x-amz-storage-class"),
            ConditionKey.ServerSideEncryption => Header("x-amz-server-side-encryption"),
            ConditionKey.AuthType => ConditionValue.Of(AuthType()),
            ConditionKey.SignatureAge => SignatureAge(),
            ConditionKey.SignatureVersion => ConditionValue.Of(SignatureVersion()),
            ConditionKey.VersionId => ConditionValue.Of(version),
            ConditionKey.ExistingObjectTag => ConditionValue.Of(
                stored is null || tagKey is null ? null : TagSet.FromStorage(stored.Metadata.Tags).Find(tagKey)),
            ConditionKey.RequestObjectTag => ConditionValue.Of(tagKey is null ? null : RequestTags().Find(tagKey)),
            ConditionKey.RequestObjectTagKeys => ConditionValue.Of([.. RequestTags().Pairs.Select(static tag => tag.Key)]),
            _ => default,
        };
    }

    private ConditionValue Header(string name) =>
        (name.StartsWith("x-amz-", StringComparison.Ordinal) ? caller.Request.UploadHeaders : caller.Request.Headers).TryGetValue(name, out var value) ? ConditionValue.Of(value.ToString()) : default;

    /// <summary>A proxy's connection says nothing about the client's TLS.</summary>
    internal static string? TlsVersion(HttpContext http, PublicAddress? address) => address is { IsForwarded: true } ? null : http.Features.Get<ITlsHandshakeFeature>()?.Protocol switch
    {
        SslProtocols.Tls12 => "1.2",
        SslProtocols.Tls13 => "1.3",
        _ => null,
    };

    /// <summary>A parameter of a listing. Operations that ignore it must not satisfy a condition with it.</summary>
    private string? OfListing(string name) => caller.Request.Operation is { Lists: true } ? caller.Request.Query[name] : null;

    /// <summary>Only for operations that copy: others ignore the header and store the bytes that they are sent.</summary>
    private ConditionValue CopySourceName()
    {
        if (caller.Request.Operation?.Header is null || !caller.Request.Headers.TryGetValue("x-amz-copy-source", out var value))
        {
            return default;
        }

        CopySource source = CopySource.Parse(value.ToString());
        return ConditionValue.Of($"{source.Bucket}/{source.Key}");
    }

    /// <summary>The tags that the request sets: a copy that keeps its source's tags sets none, whatever its header holds.</summary>
    private TagSet RequestTags() => caller.Tags
        ?? (caller.Request.Operation is { CopiesObject: true } && !TaggingHeader.ReadReplaces(caller.Request.UploadHeaders)
            ? TagSet.Empty
            : TaggingHeader.Read(caller.Request.UploadHeaders));

    private string? AuthType() => caller.Signature.Mechanism switch
    {
        AuthMechanism.Header or AuthMechanism.HeaderVersion2 => "REST-HEADER",
        AuthMechanism.Query or AuthMechanism.QueryVersion2 => "REST-QUERY-STRING",
        AuthMechanism.Form or AuthMechanism.FormVersion2 => "POST",
        _ => null,
    };

    private string? SignatureVersion() => caller.Signature.Mechanism switch
    {
        AuthMechanism.Header or AuthMechanism.Query or AuthMechanism.Form => SigV4Signer.Algorithm,
        AuthMechanism.HeaderVersion2 or AuthMechanism.QueryVersion2 or AuthMechanism.FormVersion2 => SigV2Signer.Scheme,
        _ => null,
    };

    /// <summary>A signature without a time may be of any age, so a condition with an upper bound on the age must not match.</summary>
    private ConditionValue SignatureAge() => caller.Signature switch
    {
        { Mechanism: AuthMechanism.None or AuthMechanism.Token } => default,
        { SignedAt: { } at } => ConditionValue.Of((long)(clock.GetUtcNow() - at).TotalMilliseconds),
        _ => ConditionValue.Of(long.MaxValue),
    };
}
