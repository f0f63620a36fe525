namespace Tarn.Core.Samples;

/// <summary>Sums what requests did, without locks. Thread-safe.</summary>
public sealed class ActivityCounter
{
    private long _requests;
    private long _errors;
    private long _serverErrors;
    private long _bytesIn;
    private long _bytesOut;

    /// <summary>The sum.</summary>
    public BucketActivity Total => new(
        Volatile.Read(ref _requests), Volatile.Read(ref _errors), Volatile.Read(ref _serverErrors), Volatile.Read(ref _bytesIn), Volatile.Read(ref _bytesOut));

    /// <summary>Adds what a request did.</summary>
    public void Add(in BucketActivity done)
    {
        Interlocked.Add(ref _requests, done.Requests);
        Interlocked.Add(ref _bytesIn, done.BytesIn);
        Interlocked.Add(ref _bytesOut, done.BytesOut);
        if (done.Errors > 0)
        {
            Interlocked.Add(ref _errors, done.Errors);
            Interlocked.Add(ref _serverErrors, done.ServerErrors);
        }
    }
}
