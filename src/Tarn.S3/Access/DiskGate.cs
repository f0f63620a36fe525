using Microsoft.AspNetCore.Http;
using Tarn.Core.Disks.Catalog;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Access;

/// <summary>
/// Keeps disks and object buckets apart, before anything is looked up: a disk key opens that disk and nothing else, and no other key
/// opens a disk; a control API token opens the disks of its organization and nothing else; a session of the console opens those that
/// the token of its user does. All other requests go on to the authorizer of object buckets.
/// </summary>
internal sealed class DiskGate(DiskCatalog disks, IRequestAuthorizer buckets, Denials denials) : IRequestAuthorizer
{
    public async ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer)
    {
        S3Operation operation = caller.Request.RequiredOperation;
        if (DiskId.TryParse(caller.Request.Address.Bucket, out DiskId id))
        {
            DiskBucket bucket = await FindAsync(caller, id);
            OperationNeeds.ThrowIfUnsupported(bucket, operation);
            answer.Concerns(bucket);
            return new S3Context(caller, answer) { FoundDisk = bucket };
        }

        if (caller.Principal?.DiskScope is { } scope)
        {
            throw operation.Target == S3Target.Service
                ? new S3Exception(S3Error.MethodNotAllowed, "The key of a disk opens that one bucket; there are no others to list.")
                : Refuse(caller, $"The key belongs to {scope} and opens nothing else.");
        }

        if (caller.Principal is { HoldsToken: true })
        {
            throw Refuse(caller, "A token opens disks only; object buckets need a signature.");
        }

        if (NamesDiskAsSource(caller.Request.Headers))
        {
            throw Refuse(caller, "Nothing can be copied out of a disk within the server.");
        }

        return await buckets.AuthorizeAsync(caller, answer);
    }

    /// <summary>The disk, when the requester may read it from their address. Only holders of its key learn whether it exists.</summary>
    private async ValueTask<DiskBucket> FindAsync(S3Caller caller, DiskId id)
    {
        if (caller.Principal is not { } principal || !MayOpen(principal, id))
        {
            throw Refuse(caller, $"Only a key of {id} opens it.");
        }

        Disk? found = await disks.FindAsync(id, caller.Request.CancellationToken);
        if (OpensAsToken(principal) && found?.Organization != principal.OrganizationId)
        {
            // A requester without its key must not learn that it exists.
            found = null;
        }

        Disk disk = found ?? throw new S3Exception(S3Error.NoSuchBucket) { Details = [new("BucketName", id.Value)] };
        if (disk.Organization != principal.OrganizationId)
        {
            throw Refuse(caller, $"The key belongs to another organization than {id}.");
        }

        if (!disk.AllowedAddresses.Admits(caller.Request.Http.Connection.RemoteIpAddress))
        {
            throw Refuse(caller, $"{id} is not open to {caller.Request.Http.Connection.RemoteIpAddress}.");
        }

        if (caller.Request.Headers.TryGetValue("x-amz-expected-bucket-owner", out var expected)
            && expected != principal.OwnerId && expected != principal.OrganizationId)
        {
            throw denials.Refuse(
                caller, DenialKind.ExpectedOwner,
                $"x-amz-expected-bucket-owner does not name the disk's owner, {principal.OrganizationId} ({principal.OwnerId}).");
        }

        return new DiskBucket(disk, principal.OwnerId, principal.DisplayName);
    }

    private S3Exception Refuse(S3Caller caller, string why) => denials.Refuse(caller, DenialKind.NotAllowed, why, caller.Request.RequiredOperation.Action);

    private static bool MayOpen(Principal principal, DiskId id) => OpensAsToken(principal) ? principal.IsRoot : principal.DiskScope == id.Value;

    private static bool OpensAsToken(Principal principal) => principal.HoldsToken || principal.Session is { IsConsole: true };

    /// <summary>A disk's name in any other form is not a bucket name either, so no bucket is found.</summary>
    private static bool NamesDiskAsSource(IHeaderDictionary headers) =>
        headers.TryGetValue("x-amz-copy-source", out var source) && source[0]?.TrimStart('/') is { Length: > DiskId.Length } text
        && DiskId.HasShape(text[..DiskId.Length]);
}
