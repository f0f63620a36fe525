using System.Threading.Channels;
using Tarn.Core;

namespace Tarn.Server.Backups;

/// <summary>The job on backups that is under way or was the last one: there is one at a time.</summary>
internal sealed class BackupJobs(TimeProvider clock, IRandomSource random)
{
    private readonly Lock _lock = new();
    private readonly Channel<BackupJob> _queue = Channel.CreateBounded<BackupJob>(1);
    private BackupJob? _last;

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

    /// <summary>The jobs to do, in order.</summary>
    public IAsyncEnumerable<BackupJob> TakeAsync(CancellationToken cancellationToken) => _queue.Reader.ReadAllAsync(cancellationToken);
}
