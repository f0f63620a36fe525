namespace Tarn.S3.Transport;

/// <summary>How much of an answer's body was handed to the connection, and when that began.</summary>
/// <param name="time">The clock.</param>
internal class SentBytes(TimeProvider time)
{
    /// <summary>Bytes.</summary>
    public long Count { get; private set; }

    /// <summary>The clock's timestamp of the first byte; null before it.</summary>
    public long? FirstAt { get; private set; }

    /// <summary>To be called once these bytes were handed over.</summary>
    public void Add(long bytes)
    {
        FirstAt ??= time.GetTimestamp();
        Count += bytes;
    }
}
