using Tarn.Core.Backups;

namespace Tarn.Server.Backups;

/// <summary>What a job does.</summary>
internal enum BackupWork
{
    Create,
    Verify,
    Delete,
}

/// <summary>What was asked for.</summary>
/// <param name="Work">What is to be done.</param>
/// <param name="Target">The place of the backups, as it was asked for.</param>
/// <param name="Name">The backup; null for a new one.</param>
internal sealed record BackupRequest(BackupWork Work, string Target, string? Name)
{
    public bool MetadataOnly { get; init; }

    public bool WithoutDisks { get; init; }

    public bool IncludeMasterKey { get; init; }

    public bool SameDevice { get; init; }
}

/// <summary>The state of a job.</summary>
internal enum BackupState
{
    Running,
    Succeeded,
    Damaged,
    Failed,
    Cancelled,
}

/// <summary>Work on backups that goes on while nobody waits for it.</summary>
internal sealed class BackupJob(string id, BackupRequest request, DateTimeOffset started) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();
    private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile string? _reason;

    public string Id => id;

    public BackupRequest Request => request;

    public DateTimeOffset Started => started;

    public BackupProgress Progress { get; } = new();

    public BackupState State { get; private set; }

    public DateTimeOffset? Finished { get; private set; }

    /// <summary>Why it failed; null if it did not.</summary>
    public string? Error { get; private set; }

    /// <summary>The backup that was made.</summary>
    public BackupManifest? Manifest { get; set; }

    /// <summary>What is damaged.</summary>
    public IReadOnlyList<BackupProblem> Problems { get; set; } = [];

    /// <summary>Cancelled when somebody asks for it.</summary>
    public CancellationToken Cancellation => _cancellation.Token;

    /// <summary>Completes when the job has ended.</summary>
    public Task Ended => _end.Task;

    /// <summary>Ends the job soon.</summary>
    /// <param name="reason">Why it has to fail; null: somebody asked for it.</param>
    public void Cancel(string? reason)
    {
        _reason ??= reason;
        _cancellation.Cancel();
    }

    /// <summary>Why it had to be ended; null if it was not, or somebody asked for it.</summary>
    public string? CancelReason => _reason;

    public void End(BackupState state, string? error, DateTimeOffset now)
    {
        (Error, Finished) = (error, now);
        State = state;
        _end.TrySetResult();
    }

    public void Dispose() => _cancellation.Dispose();
}
