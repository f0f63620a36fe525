using Tarn.Core.Buckets;
using Tarn.Core.Errors;

namespace Tarn.S3.Routing;

/// <summary>Refuses operations that their bucket does not support.</summary>
internal static class OperationNeeds
{
    /// <summary>Refuses an operation that the bucket does not support.</summary>
    /// <exception cref="S3Exception">MethodNotAllowed.</exception>
    public static void ThrowIfUnsupported(IBucket bucket, S3Operation operation)
    {
        if ((operation.Needs & ~bucket.Capabilities) != BucketCapabilities.None)
        {
            throw ReadOnly(bucket.Name, operation);
        }
    }

    /// <summary>The refusal of an operation that would change a read-only bucket.</summary>
    public static S3Exception ReadOnly(string bucket, S3Operation operation) => new(S3Error.MethodNotAllowed, $"{bucket} is read-only.")
    {
        Details = [new("Method", operation.Method), new("ResourceType", operation.Target == S3Target.Object ? "OBJECT" : "BUCKET")],
        Headers = [new("Allow", "GET, HEAD")],
    };
}
