using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Tarn.Core.Buckets;
using Tarn.Core.Lifecycle;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.S3.Requests;

namespace Tarn.S3.Reading;

/// <summary>
/// Sets the headers that announce the actions of lifecycle rules. Source: Amazon S3 API Reference, GetObject, PutObject and CreateMultipartUpload.
/// </summary>
internal sealed class LifecycleHeaders(BucketCatalog buckets, LifecycleDay day)
{
    /// <summary>Sets <c>x-amz-expiration</c> when a rule will expire the object.</summary>
    public async ValueTask WriteExpirationAsync(S3Context context, StoredObject found)
    {
        if (await PlannerAsync(context) is { } planner
            && planner.ExpirationOf(found.Key.Utf8, Describe(found)) is var (due, rule))
        {
            context.Response.Headers["x-amz-expiration"] = $"expiry-date=\"{HeaderUtilities.FormatDate(due)}\", rule-id=\"{Uri.EscapeDataString(rule)}\"";
        }
    }

    /// <summary>Sets <c>x-amz-abort-date</c> and <c>x-amz-abort-rule-id</c> when a rule will abort the upload.</summary>
    public async ValueTask WriteAbortAsync(S3Context context, ObjectKey key, DateTimeOffset initiated)
    {
        if (await PlannerAsync(context) is { } planner && planner.AbortOf(key.Utf8, initiated) is var (due, rule))
        {
            IHeaderDictionary headers = context.Response.Headers;
            headers["x-amz-abort-date"] = HeaderUtilities.FormatDate(due);
            headers["x-amz-abort-rule-id"] = Uri.EscapeDataString(rule);
        }
    }

    private static LifecycleVersion Describe(StoredObject found) => new()
    {
        Token = found,
        IsLatest = found.IsLatest,
        IsDeleteMarker = found.IsDeleteMarker,
        LastModified = found.LastModified,
        Size = found.Size,
        Tags = TagSet.FromStorage(found.Metadata.Tags),
    };

    private async ValueTask<LifecyclePlanner?> PlannerAsync(S3Context context)
    {
        LifecycleConfiguration? rules = await buckets.GetSettingAsync(context.RequiredBucket, LifecycleConfiguration.Stored, context.CancellationToken);
        return rules?.PlannerFor(day);
    }
}
