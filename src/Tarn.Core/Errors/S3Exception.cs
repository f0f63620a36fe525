namespace Tarn.Core.Errors;

/// <summary>An error that the client is told of. Any other exception is a defect and is answered with InternalError.</summary>
public class S3Exception : Exception
{
    /// <summary>Creates an error; <paramref name="message"/> replaces the table's default message.</summary>
    public S3Exception(S3Error error, string? message = null, Exception? inner = null)
        : base(message ?? error.Message, inner)
    {
        Error = error;
    }

    /// <summary>The row of the table of errors: code, status and default message.</summary>
    public S3Error Error { get; }

    /// <summary>Elements of the error document beyond Code, Message, Resource and RequestId, in order (e.g. BucketName).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Details { get; init; } = [];

    /// <summary>Response headers that belong to the error (e.g. Allow, x-amz-delete-marker).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];
}
