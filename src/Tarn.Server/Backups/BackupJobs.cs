using System.Threading.Channels;
using Tarn.Core;

namespace Tarn.Server.Backups;

/// <summary>The job on backups that is under way or was the last one: there is one at a time.</summary>
internal sealed class BackupJobs(TimeProvider clock, IRandomSource random)
{
    private readonly Lock _lock = new();
    private readonly Channel<BackupJob> _queue = Channel.CreateBounded<BackupJob>(1);
    private BackupJob? _last;
    private long _lastFull;
    private long _lastMetadata;

    /// <summary>When the last full backup without damage was begun, in Unix seconds; 0 before the first since the start.</summary>
    public long LastFull => Volatile.Read(ref _lastFull);

    /// <summary>When the last backup of the metadata alone without damage was begun, in Unix seconds; 0 before the first since the start.</summary>
    public long LastMetadata => Volatile.Read(ref _lastMetadata);

    /// <summary>The job; null before the first.</summary>
    public BackupJob? Last
    {
        get
        {
            lock (_lock)
            {
                return _last;
            }
        }
    }

    /// <summary>Begins a job.</summary>
    /// <exception cref="BackupRefusedException">Another one is under way.</exception>
    public BackupJob Begin(BackupRequest request)
    {
        lock (_lock)
        {
            if (_last is { State: BackupState.Running })
            {
                throw new BackupRefusedException("other work on backups is under way: wait for its end, or end it with tarn backup cancel", isConflict: true);
            }

            DateTimeOffset now = clock.GetUtcNow();
            var job = new BackupJob(BackupNames.Create(now, random), request, now);
            if (!_queue.Writer.TryWrite(job))
            {
                throw new BackupRefusedException("other work on backups is under way", isConflict: true);
            }

            _last = job;
            return job;
        }
    }

    /// <summary>Notes when a backup was begun that has succeeded.</summary>
    public void Succeeded(BackupJob job)
    {
        long begun = (job.Manifest?.Started is { } started ? new DateTimeOffset(started, TimeSpan.Zero) : clock.GetUtcNow()).ToUnixTimeSeconds();
        Volatile.Write(ref job.Request.MetadataOnly ? ref _lastMetadata : ref _lastFull, begun);
    }

    /// <summary>The jobs to do, in order.</summary>
    public IAsyncEnumerable<BackupJob> TakeAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);
}
