using Tarn.Core.Errors;

namespace Tarn.S3.Wire;

/// <summary>The versionId of a request. Where versions are not kept, the only version of an object is "null".</summary>
internal static class VersionParameter
{
    /// <exception cref="S3Exception">NoSuchVersion for any other version.</exception>
    public static void RequireNull(string? versionId)
    {
        if (versionId is not (null or "null"))
        {
            throw new S3Exception(S3Error.NoSuchVersion) { Details = [new("VersionId", versionId)] };
        }
    }
}
