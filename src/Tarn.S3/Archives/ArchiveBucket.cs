using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Identity;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Policy;
using Tarn.Core.Storage;
using Tarn.S3.Access;
using Tarn.S3.Jobs;
using Tarn.S3.Requests;
using Tarn.S3.Routing;

namespace Tarn.S3.Archives;

/// <summary>An object bucket that an archive is made of.</summary>
internal sealed class ArchiveBucket : ArchivePlace
{
    private readonly ObjectStore _objects;
    private readonly AccessTarget _bucket;
    private readonly AccessDecider _decider;
    private readonly JobOrigin _origin;
    private readonly Principal _principal;
    private readonly Func<S3Action, Permission> _permission;
    private readonly TimeProvider _clock;

    private ArchiveBucket(ObjectStore objects, AccessTarget bucket, AccessDecider decider, JobOrigin origin, Principal principal, Func<S3Action, Permission> permission, TimeProvider clock) =>
        (_objects, _bucket, _decider, _origin, _principal, _permission, _clock) = (objects, bucket, decider, origin, principal, permission, clock);

    public override string Identity => _bucket.Bucket.Id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    public static async ValueTask<ArchiveBucket> OpenAsync(
        ObjectStore objects, Bucket bucket, AccessDecider decider, JobOrigin origin, Principal principal, Func<S3Action, Permission> permission, TimeProvider clock, CancellationToken cancellationToken) =>
        new(objects, new AccessTarget(bucket, await BucketAccess.LoadAsync(objects.Buckets, bucket, cancellationToken)), decider, origin, principal, permission, clock);

    public override async ValueTask<string?> DenyListingAsync(string prefix, CancellationToken cancellationToken) =>
        await MayListAsync(prefix, cancellationToken) ? null : $"{S3Action.ListBucket.Name()} is not allowed";

    public override async ValueTask<(IReadOnlyList<IListedObject> Objects, byte[]? Next)> ListAsync(byte[] prefix, byte[]? after, CancellationToken cancellationToken)
    {
        ObjectPage page = await _objects.Lister.ListAsync(_bucket.Bucket, new ListQuery { Prefix = prefix, After = after }, cancellationToken);
        return (page.Objects, page.IsTruncated ? page.Last : null);
    }

    public override async ValueTask<long> LookAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        StoredObject? found = await _objects.Reader.FindAsync(_bucket.Bucket, key, cancellationToken);
        await ThrowIfDeniedAsync(key, found, cancellationToken);
        return found is null or { IsDeleteMarker: true } ? throw Missing(key) : found.Size;
    }

    public override async ValueTask<(IObjectContent Content, DateTimeOffset Modified)> OpenAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        (StoredObject? found, IObjectContent? content) = await _objects.Reader.OpenAsync(_bucket.Bucket, key, null, cancellationToken);
        try
        {
            // Decided on what was opened: it may have been replaced since anything was looked at before.
            await ThrowIfDeniedAsync(key, found, cancellationToken);
            return found is null || content is null ? throw Missing(key) : (content, found.LastModified);
        }
        catch
        {
            await (content?.DisposeAsync() ?? default);
            throw;
        }
    }

    /// <summary>Throws unless the requester may read an object or, where there is none, may know that: a permission to list other keys does not tell of this one.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    private async ValueTask ThrowIfDeniedAsync(ObjectKey key, StoredObject? found, CancellationToken cancellationToken)
    {
        bool allowed = found is { IsDeleteMarker: false }
            ? await AllowAsync(_bucket with { Key = key }, S3Action.GetObject, default, found, cancellationToken)
            : await MayListAsync(key.ToString(), cancellationToken);
        if (!allowed)
        {
            throw new S3Exception(S3Error.AccessDenied, $"{S3Action.GetObject.Name()} is not allowed");
        }
    }

    private ValueTask<bool> MayListAsync(string prefix, CancellationToken cancellationToken) =>
        AllowAsync(_bucket, S3Action.ListBucket, new JobFacts { Prefix = prefix }, null, cancellationToken);

    private async ValueTask<bool> AllowAsync(AccessTarget target, S3Action action, JobFacts facts, StoredObject? stored, CancellationToken cancellationToken) =>
        (await _decider.DecideAsync(_principal, target, _permission(action), new JobConditions(_origin, facts, _clock), stored, creates: false, cancellationToken)).Decision.Allowed;
}
