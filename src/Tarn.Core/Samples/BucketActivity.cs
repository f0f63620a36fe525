namespace Tarn.Core.Samples;

/// <summary>What requests to a bucket did in some time.</summary>
/// <param name="Requests">Requests that ended, refused ones included.</param>
/// <param name="Errors">Those answered with a status of 400 or above, and those whose client left before the end.</param>
/// <param name="ServerErrors">Those of them answered with a status of 500 or above.</param>
/// <param name="BytesIn">Bytes of request bodies that were read.</param>
/// <param name="BytesOut">Bytes of response bodies that were sent.</param>
public readonly record struct BucketActivity(long Requests, long Errors, long ServerErrors, long BytesIn, long BytesOut)
{
    /// <summary>Adds two.</summary>
    public static BucketActivity operator +(BucketActivity one, BucketActivity other) => new(
        one.Requests + other.Requests, one.Errors + other.Errors, one.ServerErrors + other.ServerErrors, one.BytesIn + other.BytesIn, one.BytesOut + other.BytesOut);

    /// <summary>What happened after an earlier time.</summary>
    public static BucketActivity operator -(BucketActivity now, BucketActivity earlier) => new(
        now.Requests - earlier.Requests, now.Errors - earlier.Errors, now.ServerErrors - earlier.ServerErrors, now.BytesIn - earlier.BytesIn, now.BytesOut - earlier.BytesOut);

    /// <summary>What one request did.</summary>
    public static BucketActivity Of(int status, long bytesIn, long bytesOut) => new(1, status >= 400 ? 1 : 0, status >= 500 ? 1 : 0, bytesIn, bytesOut);
}
