using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.S3.Requests;
using Tarn.S3.Wire;

namespace Tarn.S3.Reading;

/// <summary>
/// Finds the object or version in a request, or the refusal that a caller gets for a missing one.
/// Source: Amazon S3 User Guide, "Working with objects in a versioning-enabled bucket".
/// </summary>
internal static class ObjectLookup
{
    /// <summary>Finds the object or version in the request, for operations that need one.</summary>
    /// <exception cref="S3Exception">NoSuchKey or NoSuchVersion; for a delete marker MethodNotAllowed if the request names its version, otherwise NoSuchKey.</exception>
    public static async ValueTask<StoredObject> FindAsync(S3Context context, ObjectReader reader)
    {
        string? version = VersionParameter.Read(context.Query);
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
    public static ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found) =>
        context.Checks?.ThrowIfReplacementDeniedAsync(context, found) ?? default;

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
                    new(VersionParameter.DeleteMarkerHeader, "true"), new(VersionParameter.Header, found.VersionName), new("Allow", "DELETE"),
                    .. times.Select(time => KeyValuePair.Create(time.Key, time.Value.ToString())),
                ],
            };
        }

        StoredObject? marker = await reader.FindMarkerAsync(context.RequiredBucket, context.Key, context.CancellationToken);
        return new S3Exception(S3Error.NoSuchKey)
        {
            Details = [new("Key", key)],
            Headers = marker is null ? [] : [new(VersionParameter.DeleteMarkerHeader, "true"), new(VersionParameter.Header, marker.VersionName)],
        };
    }
}
