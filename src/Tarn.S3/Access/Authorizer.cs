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
using Tarn.S3.Pipeline;
using Tarn.S3.Routing;
using Tarn.S3.Wire;

namespace Tarn.S3.Access;

/// <summary>
/// Decides whether a request may do what it asks, before its body is read. Loads the bucket, once for the request, and everything
/// that the decision needs beside it only when something is there to be asked: the root user's request to a bucket without policies
/// costs what it would without authorization.
/// </summary>
internal sealed class Authorizer(
    BucketCatalog buckets, MultipartUploads uploads, IAccountDirectory accounts, AccessDecider decider, Denials denials, TimeProvider clock)
    : IRequestAuthorizer, IAccessChecks
{
    /// <summary>What a key of DeleteObjects may need.</summary>
    private static readonly Permission[] DeletionPermissions = [new(S3Action.DeleteObject), new(S3Action.DeleteObjectVersion)];

    public async ValueTask AuthorizeAsync(S3Context context)
    {
        S3Operation operation = context.Operation ?? throw new InvalidOperationException("The request was not resolved.");
        context.Checks = this;
        if (operation.Scope == OperationScope.Organization)
        {
            await DemandOfOwnOrganizationAsync(context, Permission.For(operation, versioned: false).Action);
            return;
        }

        bool writes = operation is { Needs: BucketCapabilities.Writing, ChangesCatalog: false };
        Bucket bucket = await FindAsync(context.BucketName, writes, context.CancellationToken);
        BucketAccess access = await BucketAccess.LoadAsync(buckets, bucket, context.CancellationToken);
        context.FoundBucket = bucket;
        context.FoundAccess = access;
        await DecideOperationAsync(context, operation, bucket, access);
        await DemandExpectedOwnerAsync(context, bucket, "x-amz-expected-bucket-owner");
    }

    /// <summary>Finds the bucket of a copy's source, which the requester must be allowed to read.</summary>
    /// <exception cref="S3Exception">AccessDenied, NoSuchBucket, InvalidBucketName.</exception>
    public async ValueTask<AccessTarget> FindSourceAsync(S3Context context, CopySource source)
    {
        Bucket bucket = await FindAsync(source.Bucket, writes: false, context.CancellationToken);
        BucketAccess access = await BucketAccess.LoadAsync(buckets, bucket, context.CancellationToken);
        var target = new AccessTarget(bucket, access, source.Key, source.VersionId);
        await DemandExpectedOwnerAsync(context, bucket, "x-amz-source-expected-bucket-owner");
        return target;
    }

    /// <summary>Whether the requester may do something beyond what its operation was let through for.</summary>
    /// <param name="context">The request.</param>
    /// <param name="target">What to.</param>
    /// <param name="permission">What.</param>
    /// <param name="stored">The object as it was just read; null to have it read where it matters.</param>
    /// <param name="creates">Whether the object is about to be made: who owns the one that it replaces does not matter.</param>
    private ValueTask<Decided> DecideAsync(
        S3Context context, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false) =>
        decider.DecideAsync(
            context.Principal, target, permission, new OfRequest(context, clock, target.Version), stored, creates, context.CancellationToken);

    /// <summary>Refuses what the requester may not do beyond what its operation was let through for.</summary>
    /// <inheritdoc cref="DecideAsync"/>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public async ValueTask<AccessDecision> DemandAsync(
        S3Context context, AccessTarget target, Permission permission, StoredObject? stored = null, bool creates = false)
    {
        Decided decided = await DecideAsync(context, target, permission, stored, creates);
        return decided.Decision.Allowed ? decided.Decision : throw denials.Refuse(context, decided, target.Arn);
    }

    public ValueTask<bool> MayListAsync(S3Context context) =>
        MayListAsync(context, new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key));

    /// <summary>
    /// Whether the requester may list the bucket of the target, with its key as the prefix: who may list other keys is not told of this one.
    /// </summary>
    public async ValueTask<bool> MayListAsync(S3Context context, AccessTarget target)
    {
        Decided decided = await decider.DecideAsync(
            context.Principal, target with { Key = default, Version = null }, new Permission(S3Action.ListBucket),
            new OfRequest(context, clock, null, target.Key), stored: null, creates: false, context.CancellationToken);
        return decided.Decision.Allowed;
    }

    public S3Exception RefuseToTell(S3Context context, AccessTarget target) => denials.Refuse(
        context, DenialKind.NotAllowed, "There is no such object, and who may not list the bucket is not told so.", S3Action.ListBucket.Name(), target.Arn,
        target.Bucket.OwnerId);

    public async ValueTask DemandSameAsync(S3Context context, StoredObject found)
    {
        if (context.LookedForObject && (context.DecidedOn is null || !found.IsSameVersionAs(context.DecidedOn)))
        {
            string? version = context.Query["versionId"];
            var target = new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key, version);
            await DemandAsync(context, target, Permission.For(context.Operation!, version is not null), found);
        }
    }

    private async ValueTask DecideOperationAsync(S3Context context, S3Operation operation, Bucket bucket, BucketAccess access)
    {
        var place = new AccessTarget(bucket, access, operation.Target == S3Target.Object ? context.Key : default);
        if (operation.ClosedToAnonymous is not null && context.Principal is null)
        {
            throw denials.RefuseUnsigned(context, place.Arn);
        }

        bool ofInitiator = operation.Upload == UploadRole.Manages;
        if (IsStranger(context.Principal, bucket, access, ofInitiator))
        {
            throw denials.Refuse(
                context, AccessDecider.DenyStranger(context.Principal, place, Permission.For(operation, versioned: false)), place.Arn);
        }

        string? version = operation.VersionAction is null ? null : context.Query["versionId"];
        AccessTarget target = place with { Version = version };
        if (operation.Authorization == OperationAuthorization.PerKey)
        {
            // Each key is decided on its own, and may fail on its own.
            await DemandHopeAsync(context, target, DeletionPermissions);
            return;
        }

        if (operation.HasTagsInBody && access.Policy is not null)
        {
            await DemandHopeAsync(context, target, [Permission.For(operation, version is not null)]);

            // A policy may speak of the tags that are set, which are in the body.
            context.RequestTags = await TaggingXml.ReadAsync(context, TagLimits.Object);
        }

        Permission permission = Permission.For(operation, version is not null);
        Decided decided = await DecideAsync(context, target, permission);
        (AccessDecision decision, context.LookedForObject, context.DecidedOn) = (decided.Decision, decided.Looked, decided.Stored);
        if (!decision.Allowed)
        {
            // A key that is not there has no list that could allow anything; whoever may list the bucket is told so.
            if (!decision.IsExplicitDeny && context is { LookedForObject: true, DecidedOn: null } && access.TakesAcls && await MayListAsync(context))
            {
                return;
            }

            if (!decision.IsExplicitDeny && ofInitiator && await FindUploadAsync(context, bucket) is { } upload && IsInitiator(context.Principal, bucket, upload))
            {
                return;
            }

            throw denials.Refuse(context, decided, target.Arn);
        }

        context.LetInBy = decision.Ground;
        context.ReplacesOnlyOf = AccessDecider.OnlyOver(decision, permission.Action, context.Principal, bucket);
        if (context.ReplacesOnlyOf is not null && operation.Upload == UploadRole.Continues)
        {
            await DemandInitiatorAsync(context, target);
        }

        if (operation.Upload == UploadRole.Begins)
        {
            await DemandForUploadAsync(context, target, decision);
        }
    }

    /// <summary>Refuses who cannot be allowed whatever the body says, before it is read.</summary>
    private async ValueTask DemandHopeAsync(S3Context context, AccessTarget target, Permission[] permissions)
    {
        if (await decider.DenyHopelessAsync(context.Principal, target, permissions, context.CancellationToken) is { } denied)
        {
            throw denials.Refuse(context, denied, target.Arn);
        }
    }

    /// <summary>Tags and lists that come with an upload are permissions of their own.</summary>
    private async ValueTask DemandForUploadAsync(S3Context context, AccessTarget target, AccessDecision decision)
    {
        IHeaderDictionary headers = context.UploadHeaders;
        bool copies = context.Operation!.CopiesObject;
        if ((headers.ContainsKey(TaggingHeader.Name) || context.RequestTags is not null) && (!copies || TaggingHeader.ReadReplaces(headers)))
        {
            await DemandAsync(context, target, new Permission(S3Action.PutObjectTagging), creates: true);
        }

        // The two canned lists give nothing to anybody else.
        if (AclHeaders.Any(headers) && headers[AclHeaders.CannedName].ToString() is not ("private" or "bucket-owner-full-control"))
        {
            // Who may write by the bucket's list owns what it writes, and so needs no permission to share it; but a denial holds.
            Decided shares = await DecideAsync(context, target, new Permission(S3Action.PutObjectAcl), creates: true);
            if (!shares.Decision.Allowed && (shares.Decision.IsExplicitDeny || decision.Ground != AccessGround.AccessControlList))
            {
                throw denials.Refuse(context, shares, target.Arn);
            }
        }
    }

    /// <summary>What a bucket's list gives is the grantee's own uploads, not everybody's. Of one that is not there, the operation tells.</summary>
    private async ValueTask DemandInitiatorAsync(S3Context context, AccessTarget target)
    {
        if (await FindUploadAsync(context, target.Bucket) is { } upload && !IsInitiator(context.Principal, target.Bucket, upload))
        {
            throw denials.Refuse(
                context, DenialKind.NotAllowed, "The bucket's access control list lets the requester write, but another began this multipart upload.",
                context.Operation!.Action, target.Arn);
        }
    }

    private async ValueTask<MultipartUpload?> FindUploadAsync(S3Context context, Bucket bucket) =>
        UploadId.TryParse(context.Query["uploadId"], out UploadId id) ? await uploads.FindAsync(bucket, context.Key, id, context.CancellationToken) : null;

    /// <summary>
    /// Whether the requester's organization began an upload. Of those of the bucket's owner that is said of its root user only, who may
    /// do everything anyway. Source: Amazon S3 User Guide, "Multipart upload API and permissions".
    /// </summary>
    private static bool IsInitiator(Principal? principal, Bucket bucket, MultipartUpload upload) =>
        principal is { DiskScope: null } && (principal.IsRoot || principal.OwnerId != bucket.OwnerId) && upload.InitiatorId == principal.OwnerId;

    /// <summary>Nothing can ever allow it: no reason to look any further, or to read a list of keys.</summary>
    /// <param name="ofInitiator">Whether it may be the requester's as the initiator of a multipart upload.</param>
    private static bool IsStranger(Principal? principal, Bucket bucket, BucketAccess access, bool ofInitiator) =>
        principal?.DiskScope is not null
        || (access.Policy is null && !access.TakesAcls && principal?.OwnerId != bucket.OwnerId && !ofInitiator);

    private async ValueTask DemandOfOwnOrganizationAsync(S3Context context, S3Action action)
    {
        Principal principal = context.Principal
            ?? throw denials.Refuse(context, DenialKind.NotAllowed, "An anonymous request has no organization.", action.Name());
        OrganizationPolicies policies = await decider.PoliciesOfAsync(principal, context.CancellationToken);
        bool conditional = policies.Policies.Count > 0;
        IConditionSource conditions = conditional ? new RequestConditions(context, clock, null, null) : NoConditions.Instance;
        await DemandAsync(action);
        if (action == S3Action.CreateBucket)
        {
            if (AclHeaders.Any(context.Request.Headers))
            {
                await DemandAsync(S3Action.PutBucketAcl);
            }

            if (context.Request.Headers.ContainsKey("x-amz-object-ownership"))
            {
                await DemandAsync(S3Action.PutBucketOwnershipControls);
            }
        }

        ValueTask DemandAsync(S3Action asked)
        {
            string bucket = context.Address.Bucket ?? "";
            Decided decided = AccessDecider.DecideOwn(principal, asked, bucket, policies, conditions, conditional ? context.DecisionScope : null);
            return decided.Decision.Allowed ? default : throw denials.Refuse(context, decided, bucket.Length == 0 ? "*" : $"arn:aws:s3:::{bucket}");
        }
    }

    /// <summary>The owner is named by the account id that ARNs show, an organization's name here, or by its canonical user id.</summary>
    private async ValueTask DemandExpectedOwnerAsync(S3Context context, Bucket bucket, string header)
    {
        // A form may say it among its fields.
        if (!(context.Request.Headers.TryGetValue(header, out var expected) || context.UploadHeaders.TryGetValue(header, out expected))
            || expected == bucket.OwnerId)
        {
            return;
        }

        string? account = context.Principal is { } principal && principal.OwnerId == bucket.OwnerId
            ? principal.OrganizationId
            : (await accounts.FindByCanonicalIdAsync(bucket.OwnerId, context.CancellationToken))?.OrganizationId;
        if (account is null || expected != account)
        {
            throw denials.Refuse(
                context, DenialKind.ExpectedOwner, $"{header} names another owner than the bucket's, {account} ({bucket.OwnerId}).",
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

    /// <param name="listed">The key that a listing would begin with, where it is asked whether the requester might list; default for none.</param>
    private readonly struct OfRequest(S3Context context, TimeProvider clock, string? version, ObjectKey listed = default) : IConditionFactory
    {
        public DecisionScope Scope => context.DecisionScope;

        public IConditionSource For(StoredObject? stored) => new RequestConditions(context, clock, stored, version, listed);
    }
}
