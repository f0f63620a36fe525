using Microsoft.AspNetCore.Http;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.S3.Routing;

namespace Tarn.S3.Wire;

/// <summary>Versions in requests and answers. Source: Amazon S3 User Guide, "Working with objects in a versioning-enabled bucket".</summary>
internal static class VersionParameter
{
    public const string Header = "x-amz-version-id";
    public const string DeleteMarkerHeader = "x-amz-delete-marker";

    /// <summary>The version id in the request; null for the current version.</summary>
    /// <exception cref="S3Exception">InvalidArgument for an invalid version id.</exception>
    public static string? Read(RequestQuery query)
    {
        string? version = query["versionId"];
        ThrowIfInvalid(version);
        return version;
    }

    /// <summary>Refuses a version id that no version can have; null, for the current version, is valid.</summary>
    /// <exception cref="S3Exception">InvalidArgument for an invalid version id.</exception>
    public static void ThrowIfInvalid(string? version)
    {
        if (version is not null && !IsVersion(version))
        {
            throw version.Length == 0
                ? Arguments.Invalid("Version id cannot be the empty string", "versionId", version)
                : Arguments.Invalid("Invalid version id specified", "versionId", version);
        }
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
}
