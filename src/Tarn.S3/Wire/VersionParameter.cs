using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Requests;

namespace Tarn.S3.Wire;

/// <summary>Versions in requests and answers. Source: Amazon S3 User Guide, "Working with objects in a versioning-enabled bucket".</summary>
internal static class VersionParameter
{
    public const string Header = "x-amz-version-id";
    public const string DeleteMarkerHeader = "x-amz-delete-marker";

    /// <summary>The version that the request names; null for the current object.</summary>
    /// <exception cref="S3Exception">InvalidArgument for what is no version id.</exception>
    public static string? Read(S3Context context) => Check(context.Query["versionId"]);

    /// <exception cref="S3Exception">InvalidArgument for what is no version id.</exception>
    public static string? Check(string? version)
    {
        if (version is null || IsVersion(version))
        {
            return version;
        }

        throw version.Length == 0
            ? Arguments.Invalid("Version id cannot be the empty string", "versionId", version)
            : Arguments.Invalid("Invalid version id specified", "versionId", version);
    }

    /// <summary>Whether a version can have this id.</summary>
    public static bool IsVersion(string version) => version == VersionId.Null || VersionId.TryParse(version, out _);

    /// <summary>Names the version in the answer, where versions are kept.</summary>
    public static void Write(HttpResponse response, Bucket bucket, StoredObject version)
    {
        if (bucket.Versioning != VersioningState.Never)
        {
            response.Headers[Header] = version.VersionName;
        }
    }

    /// <summary>
    /// Names the version that a write made, where it is a new one: a suspended bucket's null version is not named.
    /// Source: Amazon S3 User Guide, "Adding objects to versioning-suspended buckets".
    /// </summary>
    public static void WriteMade(HttpResponse response, Bucket bucket, StoredObject made)
    {
        if (bucket.Versioning == VersioningState.Enabled)
        {
            response.Headers[Header] = made.VersionName;
        }
    }

    /// <summary>Looks up what the request names, for operations that only an object answers.</summary>
    /// <exception cref="S3Exception">NoSuchKey or NoSuchVersion; for a delete marker MethodNotAllowed when it was named, NoSuchKey when it only hides the key.</exception>
    public static async ValueTask<StoredObject> FindAsync(S3Context context, ObjectReader reader)
    {
        string? version = Read(context);
        StoredObject? found = await reader.FindAsync(context.RequiredBucket, context.Key, version, context.CancellationToken);
        if (found is null || found.IsDeleteMarker)
        {
            throw await MissingAsync(context, reader, version, found);
        }

        await ThrowIfReplacementDeniedAsync(context, found);
        return found;
    }

    /// <summary>Sees to it that the object that was found is one that the requester may have, should it have been replaced since that was decided.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found) => context.Checks?.ThrowIfReplacementDeniedAsync(context, found) ?? default;

    /// <summary>The refusal for an object that is not there, or is a delete marker; to who may not list the bucket, AccessDenied.</summary>
    public static async ValueTask<S3Exception> MissingAsync(S3Context context, ObjectReader reader, string? version, StoredObject? found)
    {
        if ((version is null || found is null) && context.Checks is { } checks && !await checks.MayListAsync(context))
        {
            return checks.MissingObjectDenial(context, new AccessTarget(context.RequiredBucket, context.FoundAccess, context.Key, version));
        }

        string key = context.Key.ToString();
        if (version is not null)
        {
            if (found is null)
            {
                return new S3Exception(S3Error.NoSuchVersion) { Details = [new("Key", key), new("VersionId", version)] };
            }

            var times = new HeaderDictionary();
            ModifiedTime.Write(times, found.LastModified, context.Request.Now);
            return new S3Exception(S3Error.MethodNotAllowed)
            {
                Details = [new("Method", context.Request.Method), new("ResourceType", "DeleteMarker")],
                Headers =
                [
                    new(DeleteMarkerHeader, "true"), new(Header, found.VersionName), new("Allow", "DELETE"),
                    .. times.Select(time => KeyValuePair.Create(time.Key, time.Value.ToString())),
                ],
            };
        }

        StoredObject? marker = await reader.FindMarkerAsync(context.RequiredBucket, context.Key, context.CancellationToken);
        return new S3Exception(S3Error.NoSuchKey)
        {
            Details = [new("Key", key)],
            Headers = marker is null ? [] : [new(DeleteMarkerHeader, "true"), new(Header, marker.VersionName)],
        };
    }
}
