using Microsoft.AspNetCore.Http;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.S3.Requests;

/// <summary>Turns an exception into the error for the client, whether it ended the request or concerns one entry of it.</summary>
internal static class Refusal
{
    /// <summary>The refusal itself, or the one that stands for the exception; InternalError for a defect.</summary>
    public static S3Exception Of(Exception thrown) => thrown switch
    {
        S3Exception e => e,
        BadHttpRequestException e => Of(e),
        // The failure itself was logged when it happened; the refusals that follow need no logging.
        StoreFailedException => new S3Exception(S3Error.ServiceUnavailable, "The server's metadata store has failed and accepts no writes until the server is restarted."),
        _ when DescriptorShortage.IsCauseOf(thrown) => Busy(thrown),
        StoreDamagedException or RecordFormatException => new S3Exception(
            S3Error.InternalError, "The server's metadata store is damaged where this request reads it. The server's log says which file or row.", inner: thrown),
        DamagedDataException e => new S3Exception(S3Error.InternalError, $"The stored data is damaged. {e.Message}", e),
        StorageFullException e => new S3Exception(S3Error.StorageFull, inner: e),
        _ => new S3Exception(S3Error.InternalError, inner: thrown),
    };

    /// <summary>The refusal of a request for which the server has no capacity at the moment.</summary>
    public static S3Exception Busy(Exception? cause = null) => new(S3Error.SlowDown, inner: cause) { Headers = [new("Retry-After", "1")] };

    private static S3Exception Of(BadHttpRequestException e) => e.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => new S3Exception(S3Error.RequestTimeout, inner: e),
        StatusCodes.Status411LengthRequired => new S3Exception(S3Error.MissingContentLength, inner: e),
        StatusCodes.Status413PayloadTooLarge => new S3Exception(S3Error.EntityTooLarge, inner: e),
        _ => new S3Exception(S3Error.IncompleteBody, e.Message, e),
    };
}
