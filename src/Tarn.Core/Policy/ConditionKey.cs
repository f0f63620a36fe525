namespace Tarn.Core.Policy;

/// <summary>
/// The condition keys that policies may use. Keys about the requester (from <see cref="PrincipalArn"/> on) are answered from the principal, and absent for a service, all
/// others by the request's <see cref="IConditionSource"/>.
/// Sources: IAM User Guide, "AWS global condition context keys"; Service Authorization Reference, "Condition keys for Amazon S3".
/// </summary>
public enum ConditionKey : byte
{
    /// <summary>aws:SourceIp: the client's address (<see cref="ConditionValue.Of(System.Net.IPAddress)"/>).</summary>
    SourceIp,

    /// <summary>aws:SecureTransport: whether the request came over TLS.</summary>
    SecureTransport,

    /// <summary>s3:TlsVersion: 1.2 or 1.3; absent without TLS.</summary>
    TlsVersion,

    /// <summary>aws:CurrentTime, and aws:EpochTime too: the time of the request (<see cref="ConditionValue.Of(DateTimeOffset)"/>).</summary>
    CurrentTime,

    /// <summary>aws:EpochTime. Never asked of a source, which is asked for <see cref="CurrentTime"/>.</summary>
    EpochTime,

    /// <summary>aws:UserAgent: the User-Agent header.</summary>
    UserAgent,

    /// <summary>aws:Referer: the Referer header.</summary>
    Referer,

    /// <summary>s3:prefix: the parameter of listings, decoded.</summary>
    Prefix,

    /// <summary>s3:delimiter: the parameter of listings, decoded.</summary>
    Delimiter,

    /// <summary>s3:max-keys: the parameter of listings.</summary>
    MaxKeys,

    /// <summary>s3:x-amz-acl: the canned ACL a request asks for.</summary>
    Acl,

    /// <summary>s3:x-amz-grant-read.</summary>
    GrantRead,

    /// <summary>s3:x-amz-grant-write.</summary>
    GrantWrite,

    /// <summary>s3:x-amz-grant-read-acp.</summary>
    GrantReadAcp,

    /// <summary>s3:x-amz-grant-write-acp.</summary>
    GrantWriteAcp,

    /// <summary>s3:x-amz-grant-full-control.</summary>
    GrantFullControl,

    /// <summary>s3:x-amz-copy-source: the source of a copy, decoded, as <c>bucket/key</c>; a policy may write it with a leading slash.</summary>
    CopySource,

    /// <summary>s3:x-amz-metadata-directive: COPY or REPLACE.</summary>
    MetadataDirective,

    /// <summary>s3:x-amz-content-sha256: what stands for the payload in the signature; UNSIGNED-PAYLOAD for most presigned URLs.</summary>
    ContentSha256,

    /// <summary>s3:x-amz-storage-class.</summary>
    StorageClass,

    /// <summary>s3:x-amz-server-side-encryption.</summary>
    ServerSideEncryption,

    /// <summary>s3:authType: REST-HEADER, REST-QUERY-STRING or POST; absent for an anonymous request.</summary>
    AuthType,

    /// <summary>s3:signatureAge: milliseconds since a presigned request was signed.</summary>
    SignatureAge,

    /// <summary>s3:signatureversion: AWS4-HMAC-SHA256; absent for an anonymous request.</summary>
    SignatureVersion,

    /// <summary>s3:VersionId: the version a request names.</summary>
    VersionId,

    /// <summary>s3:LocationConstraint: the region that CreateBucket names.</summary>
    LocationConstraint,

    /// <summary>
    /// s3:ExistingObjectTag/NAME: the value of the stored object's tag NAME. See <see cref="Documents.BucketPolicy.NeedsObjectTags"/>.
    /// </summary>
    ExistingObjectTag,

    /// <summary>s3:RequestObjectTag/NAME: the value of the tag NAME that the request sets.</summary>
    RequestObjectTag,

    /// <summary>s3:RequestObjectTagKeys: the names of the tags that the request sets; several values.</summary>
    RequestObjectTagKeys,

    /// <summary>aws:SourceArn: the ARN of the bucket on whose behalf a service acts; absent for requests of clients.</summary>
    SourceArn,

    /// <summary>aws:SourceAccount: the organization that owns that bucket; absent for requests of clients.</summary>
    SourceAccount,

    /// <summary>aws:PrincipalIsAWSService: whether a service asks; absent for an anonymous request.</summary>
    PrincipalIsService,

    /// <summary>aws:PrincipalServiceName: the service's name; absent for requests of clients.</summary>
    PrincipalServiceName,

    /// <summary>aws:PrincipalArn; absent for an anonymous request.</summary>
    PrincipalArn,

    /// <summary>aws:PrincipalOrgID and cw:PrincipalOrgID; absent for an anonymous request.</summary>
    PrincipalOrgId,

    /// <summary>aws:PrincipalAccount: the organization's id, or <c>anonymous</c>.</summary>
    PrincipalAccount,

    /// <summary>aws:PrincipalType: Account, User, AssumedRole or Anonymous.</summary>
    PrincipalType,

    /// <summary>aws:userid; <c>anonymous</c> for an anonymous request.</summary>
    UserId,

    /// <summary>aws:username; absent for a root user and for an anonymous request.</summary>
    UserName,

    /// <summary>aws:MultiFactorAuthPresent: always absent, as it is with the long-term keys of AWS.</summary>
    MultiFactorAuthPresent,

    /// <summary>aws:MultiFactorAuthAge: always absent.</summary>
    MultiFactorAuthAge,

    /// <summary>aws:FederatedProvider: the URL of the issuer of the workload's token; absent for others.</summary>
    FederatedProvider,

    /// <summary>iam:ORGANIZATION:groups: the groups of a user of that organization; several values.</summary>
    Groups,

    /// <summary>ISSUER:CLAIM: a claim of the workload's token; several values.</summary>
    Claim,
}
