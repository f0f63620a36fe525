namespace Tarn.Core.Errors;

/// <summary>A refusal that the client is told of. Anything else that is thrown is a defect and answered as InternalError.</summary>
public class S3Exception : Exception
{
    public S3Exception(S3Error error, string? message = null, Exception? inner = null)
        : base(message ?? error.Message, inner)
    {
        Error = error;
    }

    public S3Error Error { get; }

    /// <summary>Elements of the error document beyond Code, Message, Resource and RequestId, in order (e.g. BucketName).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];

    /// <summary>Response headers that belong to the refusal (e.g. Allow, x-amz-delete-marker).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
