using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Requests;

namespace Tarn.S3.Access;

/// <summary>
/// Compares a requester with the initiator of the multipart upload that the request names. The initiator may always list its parts and
/// abort it; grantees of the bucket's ACL may continue only their own uploads. Source: Amazon S3 User Guide, "Multipart upload API and permissions".
/// </summary>
internal sealed class UploadInitiators(MultipartUploads uploads, Denials denials)
{
    /// <summary>Whether the requester's organization initiated the upload; false for a missing one.</summary>
    public async ValueTask<bool> IsInitiatorAsync(S3Caller caller, Bucket bucket) =>
        await FindUploadAsync(caller, bucket) is { } upload && IsInitiator(caller.Principal, bucket, upload);

    /// <summary>Refuses others' uploads to a grantee of the bucket's ACL. If the upload does not exist, the operation itself answers.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask ThrowIfNotInitiatorAsync(S3Caller caller, AccessTarget target)
    {
        if (await FindUploadAsync(caller, target.Bucket) is { } upload && !IsInitiator(caller.Principal, target.Bucket, upload))
        {
            throw denials.Refuse(
                caller, DenialKind.NotAllowed, "The bucket's access control list lets the requester write, but another began this multipart upload.",
                caller.Request.RequiredOperation.Action, target.Arn, target.Bucket.OwnerId);
        }
    }

    private async ValueTask<MultipartUpload?> FindUploadAsync(S3Caller caller, Bucket bucket) =>
        UploadId.TryParse(caller.Request.Query["uploadId"], out UploadId id)
            ? await uploads.FindAsync(bucket, caller.Request.Key, id, caller.Request.CancellationToken)
            : null;

    /// <summary>In the bucket owner's organization only the root user counts; a workload is no member of the organization that began an upload. What the key's own policy does not allow has been refused before.</summary>
    private static bool IsInitiator(Principal? principal, Bucket bucket, MultipartUpload upload) =>
        principal is { DiskScope: null, IsWorkload: false } && (principal.IsRootUser || principal.OwnerId != bucket.OwnerId) && upload.InitiatorId == principal.OwnerId;
}
