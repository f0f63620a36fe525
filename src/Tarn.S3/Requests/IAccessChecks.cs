using Tarn.Core.Objects;

namespace Tarn.S3.Requests;

/// <summary>The access checks that operations make after their request was authorized.</summary>
internal interface IAccessChecks
{
    /// <summary>Whether the requester may list the bucket, and so may learn that a key does not exist.</summary>
    ValueTask<bool> MayListAsync(S3Context context);

    /// <summary>The refusal for a missing object when the requester may not learn that it is missing.</summary>
    Core.Errors.S3Exception MissingObjectDenial(S3Context context, AccessTarget target);

    /// <summary>
    /// Authorizes again when the object found is not the one whose ACL or tags the decision used:
    /// it was replaced in between.
    /// </summary>
    /// <exception cref="Core.Errors.S3Exception">AccessDenied.</exception>
    ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found);
}
