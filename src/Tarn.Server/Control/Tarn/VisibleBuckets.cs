using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Identity;
using Tarn.Core.Model;
using Tarn.Core.Policy;
using Tarn.Core.Records;
using Tarn.S3.Access;

namespace Tarn.Server.Control.Tarn;

/// <summary>
/// The buckets that a requester may see: all for the server's root user, those of the organization for its root user, and for anyone else those of the organization on which
/// they may <c>s3:ListBucket</c>, decided as for an S3 request. Others do not exist for them.
/// </summary>
internal sealed class VisibleBuckets(BucketCatalog buckets, BucketRights rights, IdentityStore identity, ISecretProtector secrets)
{
    /// <summary>The largest number of buckets that one request looks at: whether each is seen may have to be decided by several policies.</summary>
    private const int MaxLooked = 1000;

    /// <summary>What a cursor begins with that is encrypted; no bucket is named so.</summary>
    private const char Sealed = '~';

    /// <summary>Finds a bucket.</summary>
    /// <exception cref="ControlRefusalException">404: there is none that the requester may see.</exception>
    public async ValueTask<Bucket> GetAsync(ControlRequest request, string name) =>
        BucketName.TryParse(name, out BucketName parsed) && await FindAsync(request, parsed) is { } found
            ? found
            : throw ControlRefusalException.NotFound("there is no such bucket of this organization, or none that you may list");

    /// <summary>The bucket if the requester may see it; null otherwise. Of a damaged row only the server's administrator is told.</summary>
    private async ValueTask<Bucket?> FindAsync(ControlRequest request, BucketName name)
    {
        try
        {
            return await buckets.FindAsync(name, request.CancellationToken) is { } found && await SeesAsync(request, found) ? found : null;
        }
        catch (RecordFormatException) when (!request.IsServerAdministrator)
        {
            return null;
        }
    }

    /// <summary>Lists buckets in order of their names.</summary>
    /// <param name="request">Who asks, and where the list continues.</param>
    /// <param name="organization">The organization whose buckets are listed; null: all for the server's root user, the requester's for others.</param>
    /// <returns>The buckets, for root users those too whose rows are damaged, and the cursor of the next page; null after the last one. A page can have fewer than the limit, even none, before the last one.</returns>
    /// <exception cref="ControlRefusalException">403: the organization is not the requester's.</exception>
    public async ValueTask<(IReadOnlyList<ListedBucket> Page, string? Next)> ListAsync(ControlRequest request, string? organization)
    {
        int limit = request.Limit();
        Principal me = request.Principal;
        if (organization is null && request.IsServerAdministrator)
        {
            return Cut(await buckets.ListAsync(null, "", request.Cursor(), limit + 1, request.CancellationToken), limit);
        }

        if (request.MayAdminister(organization ?? me.OrganizationId))
        {
            string owner = (await identity.Organizations.GetAsync(organization ?? me.OrganizationId, request.CancellationToken)).CanonicalId;
            return Cut(await buckets.ListAsync(owner, "", request.Cursor(), limit + 1, request.CancellationToken), limit);
        }

        if (organization is not null && organization != me.OrganizationId)
        {
            throw ControlRefusalException.Forbidden("you may see buckets of your own organization only");
        }

        return await ListSeenAsync(request, limit);
    }

    private async ValueTask<(IReadOnlyList<ListedBucket> Page, string? Next)> ListSeenAsync(ControlRequest request, int limit)
    {
        var seen = new List<ListedBucket>();
        if (!KeyPolicies.MightAllow(request.Principal, S3Action.ListBucket))
        {
            return (seen, null);
        }

        string? after = Open(request, request.Cursor());
        IReadOnlyList<ListedBucket> page = await buckets.ListAsync(request.Principal.OwnerId, "", after, MaxLooked, request.CancellationToken);
        foreach (ListedBucket listed in page)
        {
            if (listed.Bucket is not { } bucket || !await SeesAsync(request, bucket))
            {
                continue;
            }

            if (seen.Count == limit)
            {
                return (seen, seen[^1].Name.Value);
            }

            seen.Add(listed);
        }

        return (seen, page.Count < MaxLooked ? null : Seal(request, page[^1].Name.Value));
    }

    /// <summary>A cursor at a bucket that the requester may not see, whose name it must not tell.</summary>
    private string Seal(ControlRequest request, string name) => Sealed + Convert.ToHexStringLower(secrets.Protect(Subject(request), name));

    /// <exception cref="ControlRefusalException">400: the cursor is not from a previous answer to the same requester.</exception>
    private string? Open(ControlRequest request, string? cursor)
    {
        if (cursor is not [Sealed, ..])
        {
            return cursor;
        }

        try
        {
            return secrets.Unprotect(Subject(request), Convert.FromHexString(cursor.AsSpan(1)));
        }
        catch (Exception e) when (e is FormatException or SecretUnreadableException)
        {
            throw ControlRefusalException.BadRequest("the cursor is not from a previous answer");
        }
    }

    private static string Subject(ControlRequest request) => "cursor-of-buckets/" + request.Principal.Arn;

    private async ValueTask<bool> SeesAsync(ControlRequest request, Bucket bucket) => request.IsServerAdministrator
        || (bucket.OwnerId == request.Principal.OwnerId
            && (request.Principal.IsRoot || await MayListAsync(request, bucket)));

    /// <summary>A damaged setting decides for nobody: the bucket stays hidden from whom it would have to open it for, and keeps no other from being listed.</summary>
    private async ValueTask<bool> MayListAsync(ControlRequest request, Bucket bucket)
    {
        try
        {
            return await rights.AllowAsync(request.Http, request.Principal, bucket, S3Action.ListBucket);
        }
        catch (RecordFormatException)
        {
            return false;
        }
    }

    private static (IReadOnlyList<ListedBucket> Page, string? Next) Cut(IReadOnlyList<ListedBucket> page, int limit) =>
        page.Count > limit ? ([.. page.Take(limit)], page[limit - 1].Name.Value) : (page, null);
}
