using Tarn.Core.Buckets;
using Tarn.Core.Errors;

namespace Tarn.S3.Routing;

/// <summary>What operations need of the bucket they are sent to, and the one refusal of those whose bucket cannot do it.</summary>
internal static class OperationNeeds
{
    /// <summary>What an operation on a bucket or an object needs.</summary>
    public static BucketCapabilities Of(S3Operation operation) => operation.Name switch
    {
        "GetObject" or "HeadObject" => BucketCapabilities.Reading,
        _ when operation.Method is "GET" or "HEAD" => BucketCapabilities.Listing,
        _ => BucketCapabilities.Writing,
    };

    /// <summary>Refuses what the bucket cannot do.</summary>
    /// <exception cref="S3Exception">MethodNotAllowed.</exception>
    public static void Demand(IBucket bucket, S3Operation operation)
    {
        if ((Of(operation) & ~bucket.Capabilities) != BucketCapabilities.None)
        {
            throw ReadOnly(bucket.Name, operation);
        }
    }

    /// <summary>The refusal of what would change a bucket that nobody can change.</summary>
    public static S3Exception ReadOnly(string bucket, S3Operation operation) => new(S3Error.MethodNotAllowed, $"{bucket} is read-only.")
    {
        Details = [new("Method", operation.Method), new("ResourceType", operation.Target == S3Target.Object ? "OBJECT" : "BUCKET")],
        Headers = [new("Allow", "GET, HEAD")],
    };
}
