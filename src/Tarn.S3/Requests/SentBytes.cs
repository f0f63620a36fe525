namespace Tarn.S3.Requests;

/// <summary>Counts the bytes of an answer's body handed to the connection, and keeps the time of the first.</summary>
/// <param name="time">The clock.</param>
internal class SentBytes(TimeProvider time)
{
    /// <summary>Bytes.</summary>
    public long Count { get; private set; }

    /// <summary>The clock's timestamp of the first byte; null before it.</summary>
    public long? FirstAt { get; private set; }

    /// <summary>Called after bytes are handed to the connection.</summary>
    public void Add(long bytes)
    {
        FirstAt ??= time.GetTimestamp();
        Count += bytes;
    }
}
