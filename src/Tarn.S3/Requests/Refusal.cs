using Microsoft.AspNetCore.Http;
using Tarn.Core.Blobs;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;

namespace Tarn.S3.Requests;

/// <summary>What a client is told of an exception, whether it ended the request or was one entry of it.</summary>
internal static class Refusal
{
    /// <summary>The refusal itself, or the one that the exception amounts to; InternalError for a defect.</summary>
    public static S3Exception Of(Exception thrown) => thrown switch
    {
        S3Exception e => e,
        BadHttpRequestException e => Of(e),
        // Said in the log when it happened; each refusal that follows says nothing new.
        StoreFailedException => new S3Exception(S3Error.ServiceUnavailable, "The server's metadata store failed and takes no writes until the server is restarted."),
        _ when DescriptorShortage.IsCauseOf(thrown) => Busy(thrown),
        StorageFullException e => new S3Exception(S3Error.StorageFull, inner: e),
        _ => new S3Exception(S3Error.InternalError, inner: thrown),
    };

    /// <summary>The refusal of what the server has no room for at the moment.</summary>
    public static S3Exception Busy(Exception? cause = null) => new(S3Error.SlowDown, inner: cause) { Headers = [new("Retry-After", "1")] };

    private static S3Exception Of(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new S3Exception(S3Error.RequestTimeout, inner: e),
        StatusCodes.Status411LengthRequired => new S3Exception(S3Error.MissingContentLength, inner: e),
        StatusCodes.Status413PayloadTooLarge => new S3Exception(S3Error.EntityTooLarge, inner: e),
        _ => new S3Exception(S3Error.IncompleteBody, e.Message, e),
    };
}
