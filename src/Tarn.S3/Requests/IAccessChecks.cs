using Tarn.Core.Objects;

namespace Tarn.S3.Requests;

/// <summary>What operations still ask of authorization once their request was let through.</summary>
internal interface IAccessChecks
{
    /// <summary>Whether the requester may list the bucket, and so be told that a key is not there.</summary>
    ValueTask<bool> MayListAsync(S3Context context);

    /// <summary>The refusal for who may not be told that an object is not there.</summary>
    Core.Errors.S3Exception MissingObjectDenial(S3Context context, AccessTarget target);

    /// <summary>
    /// Decides once more when the object that is about to be answered is not the one whose list or tags it was decided on:
    /// somebody replaced it in between.
    /// </summary>
    /// <exception cref="Core.Errors.S3Exception">AccessDenied.</exception>
    ValueTask ThrowIfReplacementDeniedAsync(S3Context context, StoredObject found);
}
