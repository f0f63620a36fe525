using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Policy;
using Tarn.S3.Requests;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>
/// Decides whether a request is allowed, before its body is read. Loads the bucket once per request, and everything else
/// only when the decision depends on it: the root user's request to a bucket without policies
/// costs no more than it would without authorization.
/// </summary>
internal sealed class Authorizer(
    RequestedBuckets buckets, OrganizationAccess organizations, UploadInitiators initiators, AccessChecks checks, Denials denials) : IRequestAuthorizer
{
    /// <summary>The permissions that a key of DeleteObjects may need.</summary>
    private static readonly Permission[] DeletionPermissions = [new(S3Action.DeleteObject), new(S3Action.DeleteObjectVersion)];

    public async ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer)
    {
        S3Operation operation = caller.Request.RequiredOperation;
        if (operation.Scope == OperationScope.Organization)
        {
            await organizations.ThrowIfDeniedAsync(caller);
            return new S3Context(caller, answer) { Checks = checks };
        }

        bool writes = operation is { Needs: BucketCapabilities.Writing, ChangesCatalog: false };
        (Bucket bucket, BucketAccess access, _, _) = await buckets.FindAsync(caller.Request.BucketName, writes, caller.Request.CancellationToken);
        answer.Concerns(bucket);
        Outcome outcome = await DecideAsync(caller, operation, bucket, access);
        await buckets.ThrowIfNotExpectedOwnerAsync(caller, bucket, "x-amz-expected-bucket-owner");
        return new S3Context(caller, answer)
        {
            FoundBucket = bucket,
            FoundAccess = access,
            Checks = checks,
            LookedForObject = outcome.Looked,
            DecidedOn = outcome.Stored,
            AllowedBy = outcome.AllowedBy,
            ReplacesOnlyOf = outcome.ReplacesOnlyOf,
        };
    }

    private async ValueTask<Outcome> DecideAsync(S3Caller caller, S3Operation operation, Bucket bucket, BucketAccess access)
    {
        var place = new AccessTarget(bucket, access, operation.Target == S3Target.Object ? caller.Request.Key : default);
        if (operation.ClosedToAnonymous is not null && caller.Principal is null)
        {
            throw denials.RefuseAnonymous(caller, place);
        }

        bool ofInitiator = operation.Upload == UploadRole.Manages;
        if (IsStranger(caller.Principal, bucket, access, ofInitiator))
        {
            throw denials.Refuse(
                caller, AccessDecider.DenyStranger(caller.Principal, place, operation.Permission(versioned: false)), place.Arn);
        }

        string? version = operation.VersionAction is null ? null : caller.Request.Query["versionId"];
        AccessTarget target = place with { Version = version };
        if (operation.Authorization == OperationAuthorization.PerKey)
        {
            // Each key is authorized separately, and may fail separately.
            await checks.ThrowIfAllDeniedAsync(caller, target, DeletionPermissions);
            return default;
        }

        if (operation.HasTagsInBody && (access.Policy is not null || caller.Principal is { HasOwnRules: true }))
        {
            await checks.ThrowIfAllDeniedAsync(caller, target, [operation.Permission(version is not null)]);

            // A policy may have conditions on the new tags, which are in the body.
            await caller.ReadTagsAsync(TagLimits.Object);
        }

        Permission permission = operation.Permission(version is not null);
        Decided decided = await checks.DecideAsync(caller, target, permission);
        AccessDecision decision = decided.Decision;
        var outcome = new Outcome(decided.Looked, decided.Stored);
        if (!decision.Allowed)
        {
            // A missing object has no ACL that could allow anything; a requester who may list the bucket is told that it is missing.
            if (!decision.IsFinal && outcome is { Looked: true, Stored: null } && access.TakesAcls && await checks.MayListAsync(caller, target))
            {
                return outcome;
            }

            if (!decision.IsFinal && ofInitiator && await initiators.IsInitiatorAsync(caller, bucket))
            {
                return outcome;
            }

            throw denials.Refuse(caller, decided, target.Arn);
        }

        outcome = outcome with
        {
            AllowedBy = decision.Ground,
            ReplacesOnlyOf = AccessDecider.OnlyOver(decision, permission.Action, caller.Principal, bucket),
        };
        if (outcome.ReplacesOnlyOf is not null && operation.Upload == UploadRole.Continues)
        {
            await initiators.ThrowIfNotInitiatorAsync(caller, target);
        }

        if (operation.Upload == UploadRole.Begins)
        {
            await ThrowIfTagsOrAclDeniedAsync(caller, target, decision);
        }

        return outcome;
    }

    /// <summary>Refuses an upload with tags or an ACL unless the requester has the permissions that those need.</summary>
    private async ValueTask ThrowIfTagsOrAclDeniedAsync(S3Caller caller, AccessTarget target, AccessDecision decision)
    {
        IHeaderDictionary headers = caller.Request.UploadHeaders;
        bool copies = caller.Request.RequiredOperation.CopiesObject;
        if ((headers.ContainsKey(TaggingHeader.Name) || caller.Tags is not null) && (!copies || TaggingHeader.ReadReplaces(headers)))
        {
            await checks.ThrowIfDeniedAsync(caller, target, new Permission(S3Action.PutObjectTagging), creates: true);
        }

        // These two canned ACLs grant nothing to anybody else.
        if (AclHeaders.Any(headers) && headers[AclHeaders.CannedName].ToString() is not ("private" or "bucket-owner-full-control"))
        {
            // A requester allowed by the bucket's ACL owns the object and needs no permission to share it, but an explicit deny applies.
            Decided shares = await checks.DecideAsync(caller, target, new Permission(S3Action.PutObjectAcl), creates: true);
            if (!shares.Decision.Allowed && (shares.Decision.IsFinal || decision.Ground != AccessGround.AccessControlList))
            {
                throw denials.Refuse(caller, shares, target.Arn);
            }
        }
    }

    /// <summary>Whether nothing can ever allow the request, so that further look-ups, or reading a list of keys, are pointless.</summary>
    /// <param name="ofInitiator">Whether the requester may be allowed as the initiator of a multipart upload.</param>
    private static bool IsStranger(Principal? principal, Bucket bucket, BucketAccess access, bool ofInitiator) =>
        principal?.DiskScope is not null
        || (access.Policy is null && !access.TakesAcls && principal?.OwnerId != bucket.OwnerId && !ofInitiator);

    /// <summary>What the decision passes to the operation: see <see cref="S3Context"/>.</summary>
    private readonly record struct Outcome(bool Looked, StoredObject? Stored, AccessGround AllowedBy = default, string? ReplacesOnlyOf = null);
}
