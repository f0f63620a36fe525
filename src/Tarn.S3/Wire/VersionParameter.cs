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

    /// <summary>The version id in the request; null for the current version.</summary>
    /// <exception cref="S3Exception">InvalidArgument for an invalid version id.</exception>
    public static string? Read(S3Context context) => Check(context.Query["versionId"]);

    /// <exception cref="S3Exception">InvalidArgument for an invalid version id.</exception>
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

    /// <summary>Adds the version id to the answer if the bucket has versioning.</summary>
    public static void Write(HttpResponse response, Bucket bucket, StoredObject version)
    {
        if (bucket.Versioning != VersioningState.Never)
        {
            response.Headers[Header] = version.VersionName;
        }
    }

    /// <summary>
    /// Adds the id of the version that a write created to the answer; the null version of a suspended bucket is not named.
    /// Source: Amazon S3 User Guide, "Adding objects to versioning-suspended buckets".
    /// </summary>
    public static void WriteMade(HttpResponse response, Bucket bucket, StoredObject made)
    {
        if (bucket.Versioning == VersioningState.Enabled)
        {
            response.Headers[Header] = made.VersionName;
        }
    }

    /// <summary>Finds the object or version in the request, for operations that need one.</summary>
    /// <exception cref="S3Exception">NoSuchKey or NoSuchVersion; for a delete marker MethodNotAllowed if the request names its version, otherwise NoSuchKey.</exception>
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

    /// <summary>Authorizes again if the object found has been replaced since the request was authorized.</summary>
    /// <exception cref="S3Exception">AccessDenied.</exception>
    public static ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found) => context.Checks?.ThrowIfReplacementDeniedAsync(context, found) ?? default;

    /// <summary>The refusal for a missing object or a delete marker; AccessDenied if the requester may not list the bucket.</summary>
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
