using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Jobs;
using Tarn.Core.Model;

namespace Tarn.S3.Jobs;

/// <summary>What may be asked of a job. Nothing that is asked for is ignored: what a kind has no use for is refused.</summary>
internal static class JobRules
{
    private const int MaxToken = 128;

    /// <exception cref="S3Exception">InvalidArgument, InvalidTag, BadRequest.</exception>
    public static void ThrowIfBroken(JobParameters wanted, DateTimeOffset now)
    {
        ThrowIf(!IsPrefix(wanted.Prefix), "prefix is not the beginning of a key: it has more than 1024 bytes, or is not valid UTF-16");
        ThrowIf(wanted.Kind == JobKind.Delete && wanted.Prefix.Length == 0, "a prefix is needed: to delete all keys of a bucket, use empty");
        ThrowIf(wanted.Kind == JobKind.Empty && wanted.Prefix.Length > 0, "empty concerns all keys of a bucket: to delete those with a prefix, use delete");
        ThrowIf(!wanted.Deletes && wanted.Versions != JobVersions.Unspecified, "versions is only for delete and empty");
        ThrowIf(!wanted.Copies && (wanted.ToBucket is not null || wanted.ToPrefix is not null), "toBucket and toPrefix are only for copy and rename");
        ThrowIf(!wanted.Copies && wanted.Overwrite, "overwrite is only for copy and rename");
        ThrowIf(wanted.Kind != JobKind.Tag && (wanted.Tags.Count > 0 || wanted.Merge), "tags and merge are only for tag");
        ThrowIf(wanted.Kind != JobKind.Restore && wanted.At is not null, "at is only for restore");
        ThrowIf(wanted.At > now, "at is in the future");
        ThrowIf(wanted.At < DateTimeOffset.UnixEpoch.AddSeconds(1), "at is before the first version that could be");
        ThrowIf(wanted.Merge && wanted.Tags.Count == 0, "merge needs tags");
        TagSet.Create(wanted.Tags, TagLimits.Object);
        if (wanted.Copies)
        {
            ThrowIf(wanted.ToPrefix is null, "toPrefix is missing: it replaces the prefix in the keys of the copies, and may be empty");
            ThrowIf(!IsPrefix(wanted.ToPrefix!), "toPrefix is not the beginning of a key: it has more than 1024 bytes, or is not valid UTF-16");

            // The copies would be met again, and copied again, without an end.
            ThrowIf(
                wanted.StaysInBucket && wanted.ToPrefix!.StartsWith(wanted.Prefix, StringComparison.Ordinal),
                "toPrefix begins with prefix in the same bucket: the copies would be among the keys that are copied");
        }
    }

    /// <summary>Refuses what the bucket does not fit.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static void ThrowIfUnfit(JobParameters wanted, Bucket bucket)
    {
        bool isVersioned = bucket.Versioning != VersioningState.Never;
        ThrowIf(
            isVersioned && wanted.Deletes && wanted.Versions == JobVersions.Unspecified,
            "the bucket keeps versions: versions is markers, to hide each object behind a delete marker, or all, to delete every version permanently");
        ThrowIf(
            !isVersioned && wanted.Versions == JobVersions.Markers,
            "the bucket keeps no versions that a marker could hide: without versions, or with all, objects are deleted permanently");
        ThrowIf(!isVersioned && wanted.Kind == JobKind.Restore, "the bucket keeps no versions that could be restored");
        ThrowIf(
            bucket.Versioning == VersioningState.Suspended && wanted.Kind == JobKind.Restore,
            "versioning is suspended, so that restoring would remove the version null of a key: enable versioning, and suspend it again afterwards");
    }

    /// <summary>Refuses what is too long to be stored with the job.</summary>
    /// <exception cref="S3Exception">InvalidArgument.</exception>
    public static void ThrowIfTooLong(JobOrigin origin, string? token)
    {
        ThrowIf(
            new[] { origin.UserAgent, origin.Referer, origin.ContentSha256 }.Any(static header => header?.Length > JobOrigin.MaxHeader),
            $"a header of the request on which policies may have conditions has more than {JobOrigin.MaxHeader} characters");
        ThrowIf(token is not null && (token.Length is 0 or > MaxToken || !token.All(static c => c is >= '!' and <= '~')), $"token must have 1 to {MaxToken} printable ASCII characters");
    }

    private static bool IsPrefix(string text) => text.Length == 0 || ObjectKey.TryCreate(text, out _);

    private static void ThrowIf(bool isBroken, string message)
    {
        if (isBroken)
        {
            throw new S3Exception(S3Error.InvalidArgument, message);
        }
    }
}
