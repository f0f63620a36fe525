using Microsoft.AspNetCore.Http;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Policy;
using Tarn.Core.Policy.Documents;
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
    BucketCatalog buckets, MultipartUploads uploads, IAccountDirectory accounts, AccessDecider decider, Denials denials, TimeProvider clock)
    : IRequestAuthorizer, IAccessChecks
{
    /// <summary>The permissions that a key of DeleteObjects may need.</summary>
    private static readonly Permission[] DeletionPermissions = [new(S3Action.DeleteObject), new(S3Action.DeleteObjectVersion)];

    public async ValueTask<S3Context> AuthorizeAsync(S3Caller caller, S3Answer answer)
    {
        S3Operation operation = caller.Request.RequiredOperation;
        if (operation.Scope == OperationScope.Organization)
        {
            await ThrowIfDeniedInOrganizationAsync(caller, operation.Permission(versioned: false).Action);
            return new S3Context(caller, answer) { Checks = this };
        }

        bool writes = operation is { Needs: BucketCapabilities.Writing, ChangesCatalog: false };
        Bucket bucket = await FindAsync(caller.Request.BucketName, writes, caller.Request.CancellationToken);
        BucketAccess access = await BucketAccess.LoadAsync(buckets, bucket, caller.Request.CancellationToken);
        answer.NameRegion();
        Outcome outcome = await DecideOperationAsync(caller, operation, bucket, access);
        await ThrowIfNotExpectedOwnerAsync(caller, bucket, "x-amz-expected-bucket-owner");
        return new S3Context(caller, answer)
        {
            FoundBucket = bucket,
            FoundAccess = access,
            Checks = this,
            LookedForObject = outcome.Looked,
            DecidedOn = outcome.Stored,
            AllowedBy = outcome.AllowedBy,
            ReplacesOnlyOf = outcome.ReplacesOnlyOf,
        };
    }

    /// <summary>Finds the bucket of a copy's source. Whether the requester may read the source is decided later.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchBucket, InvalidBucketName.</exception>
    public async ValueTask<AccessTarget> FindSourceAsync(S3Caller caller, CopySource source)
    {
        Bucket bucket = await FindAsync(source.Bucket, writes: false, caller.Request.CancellationToken);
        BucketAccess access = await BucketAccess.LoadAsync(buckets, bucket, caller.Request.CancellationToken);
        var target = new AccessTarget(bucket, access, source.Key, source.VersionId);
        await ThrowIfNotExpectedOwnerAsync(caller, bucket, "x-amz-source-expected-bucket-owner");
        return target;
    }

    /// <summary>Decides whether the requester has a permission beyond the one for which its operation was allowed.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="target">The bucket or object.</param>
    /// <param name="permission">The permission needed.</param>
    /// <param name="stored">The object as it was just read; null to have it read where it matters.</param>
    /// <param name="creates">Whether the request creates the object: the owner of the one that it replaces does not matter.</param>
    private ValueTask<Decided> DecideAsync(
        S3Caller caller, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false) =>
        decider.DecideAsync(
            caller.Principal, target, permission, new OfRequest(caller, clock, target.Version), stored, creates, caller.Request.CancellationToken);

    /// <summary>Refuses the request unless the requester has a permission beyond the one for which its operation was allowed.</summary>
    /// <inheritdoc cref="DecideAsync"/>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask<AccessDecision> ThrowIfDeniedAsync(
        S3Caller caller, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false)
    {
        Decided decided = await DecideAsync(caller, target, permission, stored, creates);
        return decided.Decision.Allowed ? decided.Decision : throw denials.Refuse(caller, decided, target.Arn);
    }

    public ValueTask<bool> MayListAsync(S3Context context) =>
        MayListAsync(context.Caller, new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key));

    /// <summary>
    /// Whether the requester may list the target's bucket with its key as the prefix: a permission to list other keys does not reveal this one.
    /// </summary>
    public async ValueTask<bool> MayListAsync(S3Caller caller, AccessTarget target)
    {
        Decided decided = await decider.DecideAsync(
            caller.Principal, target with { Key = default, Version = null }, new Permission(S3Action.ListBucket),
            new OfRequest(caller, clock, null, target.Key), stored: null, creates: false, caller.Request.CancellationToken);
        return decided.Decision.Allowed;
    }

    public S3Exception MissingObjectDenial(S3Context context, AccessTarget target) => denials.Refuse(
        context.Caller, DenialKind.NotAllowed, "There is no such object; the requester may not list the bucket, and so is not told that.", S3Action.ListBucket.Name(), target.Arn,
        target.Bucket.OwnerId);

    public async ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found)
    {
        if (context.LookedForObject && (context.DecidedOn is null || !found.IsSameVersionAs(context.DecidedOn)))
        {
            string? version = context.Query["versionId"];
            var target = new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key, version);
            await ThrowIfDeniedAsync(context.Caller, target, context.Request.RequiredOperation.Permission(version is not null), found);
        }
    }

    private async ValueTask<Outcome> DecideOperationAsync(S3Caller caller, S3Operation operation, Bucket bucket, BucketAccess access)
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
            await ThrowIfAllDeniedAsync(caller, target, DeletionPermissions);
            return default;
        }

        if (operation.HasTagsInBody && access.Policy is not null)
        {
            await ThrowIfAllDeniedAsync(caller, target, [operation.Permission(version is not null)]);

            // A policy may have conditions on the new tags, which are in the body.
            await caller.ReadTagsAsync(TagLimits.Object);
        }

        Permission permission = operation.Permission(version is not null);
        Decided decided = await DecideAsync(caller, target, permission);
        AccessDecision decision = decided.Decision;
        var outcome = new Outcome(decided.Looked, decided.Stored);
        if (!decision.Allowed)
        {
            // A missing object has no ACL that could allow anything; a requester who may list the bucket is told that it is missing.
            if (!decision.IsExplicitDeny && outcome is { Looked: true, Stored: null } && access.TakesAcls && await MayListAsync(caller, target))
            {
                return outcome;
            }

            if (!decision.IsExplicitDeny && ofInitiator && await FindUploadAsync(caller, bucket) is { } upload && IsInitiator(caller.Principal, bucket, upload))
            {
                return outcome;
            }

            throw denials.Refuse(caller, decided, target.Arn);
        }

        outcome = outcome with { AllowedBy = decision.Ground, ReplacesOnlyOf = AccessDecider.OnlyOver(decision, permission.Action, caller.Principal, bucket) };
        if (outcome.ReplacesOnlyOf is not null && operation.Upload == UploadRole.Continues)
        {
            await ThrowIfNotInitiatorAsync(caller, target);
        }

        if (operation.Upload == UploadRole.Begins)
        {
            await ThrowIfTagsOrAclDeniedAsync(caller, target, decision);
        }

        return outcome;
    }

    /// <summary>Refuses a request that cannot be allowed whatever its body holds, before the body is read.</summary>
    private async ValueTask ThrowIfAllDeniedAsync(S3Caller caller, AccessTarget target, Permission[] permissions)
    {
        if (await decider.DenyHopelessAsync(caller.Principal, target, permissions, caller.Request.CancellationToken) is { } denied)
        {
            throw denials.Refuse(caller, denied, target.Arn);
        }
    }

    /// <summary>Refuses an upload with tags or an ACL unless the requester has the permissions that those need.</summary>
    private async ValueTask ThrowIfTagsOrAclDeniedAsync(S3Caller caller, AccessTarget target, AccessDecision decision)
    {
        IHeaderDictionary headers = caller.Request.UploadHeaders;
        bool copies = caller.Request.RequiredOperation.CopiesObject;
        if ((headers.ContainsKey(TaggingHeader.Name) || caller.Tags is not null) && (!copies || TaggingHeader.ReadReplaces(headers)))
        {
            await ThrowIfDeniedAsync(caller, target, new Permission(S3Action.PutObjectTagging), creates: true);
        }

        // These two canned ACLs grant nothing to anybody else.
        if (AclHeaders.Any(headers) && headers[AclHeaders.CannedName].ToString() is not ("private" or "bucket-owner-full-control"))
        {
            // A requester allowed by the bucket's ACL owns the object and needs no permission to share it, but an explicit deny applies.
            Decided shares = await DecideAsync(caller, target, new Permission(S3Action.PutObjectAcl), creates: true);
            if (!shares.Decision.Allowed && (shares.Decision.IsExplicitDeny || decision.Ground != AccessGround.AccessControlList))
            {
                throw denials.Refuse(caller, shares, target.Arn);
            }
        }
    }

    /// <summary>Refuses others' uploads to a grantee of the bucket's ACL. If the upload does not exist, the operation itself answers.</summary>
    private async ValueTask ThrowIfNotInitiatorAsync(S3Caller caller, AccessTarget target)
    {
        if (await FindUploadAsync(caller, target.Bucket) is { } upload && !IsInitiator(caller.Principal, target.Bucket, upload))
        {
            throw denials.Refuse(
                caller, DenialKind.NotAllowed, "The bucket's access control list lets the requester write, but another began this multipart upload.",
                caller.Request.RequiredOperation.Action, target.Arn, target.Bucket.OwnerId);
        }
    }

    private async ValueTask<MultipartUpload?> FindUploadAsync(S3Caller caller, Bucket bucket) =>
        UploadId.TryParse(caller.Request.Query["uploadId"], out UploadId id) ? await uploads.FindAsync(bucket, caller.Request.Key, id, caller.Request.CancellationToken) : null;

    /// <summary>
    /// Whether the requester's organization initiated an upload. In the bucket owner's organization only the root user counts, who may
    /// do everything anyway. Source: Amazon S3 User Guide, "Multipart upload API and permissions".
    /// </summary>
    private static bool IsInitiator(Principal? principal, Bucket bucket, MultipartUpload upload) =>
        principal is { DiskScope: null } && (principal.IsRoot || principal.OwnerId != bucket.OwnerId) && upload.InitiatorId == principal.OwnerId;

    /// <summary>Whether nothing can ever allow the request, so that further look-ups, or reading a list of keys, are pointless.</summary>
    /// <param name="ofInitiator">Whether the requester may be allowed as the initiator of a multipart upload.</param>
    private static bool IsStranger(Principal? principal, Bucket bucket, BucketAccess access, bool ofInitiator) =>
        principal?.DiskScope is not null
        || (access.Policy is null && !access.TakesAcls && principal?.OwnerId != bucket.OwnerId && !ofInitiator);

    private async ValueTask ThrowIfDeniedInOrganizationAsync(S3Caller caller, S3Action action)
    {
        Principal principal = caller.Principal
            ?? throw denials.Refuse(caller, DenialKind.NotAllowed, "An anonymous request has no organization.", action.Name());
        OrganizationPolicies policies = await decider.PoliciesOfAsync(principal, caller.Request.CancellationToken);
        bool conditional = policies.Policies.Count > 0;
        IConditionSource conditions = conditional ? new RequestConditions(caller, clock, null, null) : NoConditions.Instance;
        await ThrowIfDeniedAsync(action);
        if (action == S3Action.CreateBucket)
        {
            if (AclHeaders.Any(caller.Request.Headers))
            {
                await ThrowIfDeniedAsync(S3Action.PutBucketAcl);
            }

            if (caller.Request.Headers.ContainsKey("x-amz-object-ownership"))
            {
                await ThrowIfDeniedAsync(S3Action.PutBucketOwnershipControls);
            }
        }

        ValueTask ThrowIfDeniedAsync(S3Action asked)
        {
            string bucket = caller.Request.Address.Bucket ?? "";
            Decided decided = AccessDecider.DecideOwn(principal, asked, bucket, policies, conditions, conditional ? caller.DecisionScope : null);
            return decided.Decision.Allowed ? default : throw denials.Refuse(caller, decided, bucket.Length == 0 ? "*" : $"arn:aws:s3:::{bucket}");
        }
    }

    /// <summary>Accepts the account id that ARNs show (here an organization's name) or the canonical user id.</summary>
    private async ValueTask ThrowIfNotExpectedOwnerAsync(S3Caller caller, Bucket bucket, string header)
    {
        // A form may have it as a field.
        if (!(caller.Request.Headers.TryGetValue(header, out var expected) || caller.Request.UploadHeaders.TryGetValue(header, out expected))
            || expected == bucket.OwnerId)
        {
            return;
        }

        string? account = caller.Principal is { } principal && principal.OwnerId == bucket.OwnerId
            ? principal.OrganizationId
            : (await accounts.FindByCanonicalIdAsync(bucket.OwnerId, caller.Request.CancellationToken))?.OrganizationId;
        if (account is null || expected != account)
        {
            throw denials.Refuse(
                caller, DenialKind.ExpectedOwner, $"{header} does not name the bucket's owner, {account} ({bucket.OwnerId}).",
                resource: $"arn:aws:s3:::{bucket.Name.Value}", ownerId: bucket.OwnerId);
        }
    }

    private ValueTask<Bucket> FindAsync(string name, bool writes, CancellationToken cancellationToken)
    {
        if (!BucketName.TryParse(name, out BucketName parsed))
        {
            throw new S3Exception(S3Error.InvalidBucketName) { Details = [new("BucketName", name)] };
        }

        return writes ? buckets.GetForWriteAsync(parsed, cancellationToken) : buckets.GetAsync(parsed, cancellationToken);
    }

    /// <summary>What the decision passes to the operation: see <see cref="S3Context"/>.</summary>
    private readonly record struct Outcome(bool Looked, StoredObject? Stored, AccessGround AllowedBy = default, string? ReplacesOnlyOf = null);

    /// <param name="listed">The prefix of the listing, when the question is whether the requester might list; default for none.</param>
    private readonly struct OfRequest(S3Caller caller, TimeProvider clock, string? version, ObjectKey listed = default) : IConditionFactory
    {
        public DecisionScope Scope => caller.DecisionScope;

        public IConditionSource For(StoredObject? stored) => new RequestConditions(caller, clock, stored, version, listed);
    }
}
