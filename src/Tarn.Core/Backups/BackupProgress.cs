namespace Tarn.Core.Backups;

/// <summary>How far work on a backup is. Written by the work, read by anyone.</summary>
public sealed class BackupProgress
{
    private long _doneBytes;
    private long _totalBytes;
    private long _doneBlobs;
    private long _totalBlobs;
    private long _copiedBytes;
    private volatile string _phase = "starting";

    /// <summary>What is being done.</summary>
    public string Phase
    {
        get => _phase;
        internal set => _phase = value;
    }

    /// <summary>Bytes that were read, or found to be there.</summary>
    public long DoneBytes => Volatile.Read(ref _doneBytes);

    /// <summary>Bytes of everything, as far as known.</summary>
    public long TotalBytes => Volatile.Read(ref _totalBytes);

    /// <summary>Blobs that are done.</summary>
    public long DoneBlobs => Volatile.Read(ref _doneBlobs);

    /// <summary>All blobs, as far as known.</summary>
    public long TotalBlobs => Volatile.Read(ref _totalBlobs);

    /// <summary>Bytes that were written.</summary>
    public long CopiedBytes => Volatile.Read(ref _copiedBytes);

    /// <summary>Says what is being done.</summary>
    public void Begin(string phase) => Phase = phase;

    internal void Expect(long blobs, long bytes)
    {
        Interlocked.Add(ref _totalBlobs, blobs);
        Interlocked.Add(ref _totalBytes, bytes);
    }

    internal void Add(long bytes) => Interlocked.Add(ref _doneBytes, bytes);

    internal void AddBlob() => Interlocked.Increment(ref _doneBlobs);

    internal void AddCopied(long bytes) => Interlocked.Add(ref _copiedBytes, bytes);
}
