using Tarn.Core.Backups;
using Tarn.Server.Backups;

namespace Tarn.Server.Control.Tarn;

/// <summary>A backup to create.</summary>
internal sealed record BackupBody
{
    /// <summary>The directory, below the server's backup root; absolute, or relative to it.</summary>
    public required string Target { get; init; }

    /// <summary>Whether only the metadata is copied.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Whether the files of made disks are left out.</summary>
    public bool WithoutDisks { get; init; }

    /// <summary>Whether the master key is put into the backup.</summary>
    public bool IncludeMasterKey { get; init; }

    /// <summary>Whether the backup may share files with the server's data by hard links, so that damage to one is damage to both.</summary>
    public bool SameDevice { get; init; }
}

/// <summary>A backup to verify.</summary>
internal sealed record BackupVerifyBody
{
    /// <summary>The directory of the backups.</summary>
    public required string Target { get; init; }

    /// <summary>The name of the backup; null for the newest.</summary>
    public string? Name { get; init; }
}

/// <summary>Work on backups, under way or ended.</summary>
internal sealed record BackupJobView : IIdentified
{
    /// <summary>Its id; of a new backup also its name.</summary>
    public required string Id { get; init; }

    /// <summary><c>create</c>, <c>verify</c> or <c>delete</c>.</summary>
    public required string Work { get; init; }

    /// <summary>The directory of the backups, as it was asked for.</summary>
    public required string Target { get; init; }

    /// <summary><c>running</c>, <c>succeeded</c>, <c>damaged</c> (it went to its end, and something is damaged), <c>failed</c> or <c>cancelled</c>.</summary>
    public required string State { get; init; }

    /// <summary>What is being done, or was done last.</summary>
    public required string Phase { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTime Started { get; init; }

    /// <summary>When it ended.</summary>
    public DateTime? Finished { get; init; }

    /// <summary>Bytes that are done.</summary>
    public required long DoneBytes { get; init; }

    /// <summary>Bytes of everything, as far as known.</summary>
    public required long TotalBytes { get; init; }

    /// <summary>Blobs that are done.</summary>
    public required long DoneBlobs { get; init; }

    /// <summary>All blobs, as far as known.</summary>
    public required long TotalBlobs { get; init; }

    /// <summary>Bytes that were written.</summary>
    public required long CopiedBytes { get; init; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; init; }

    /// <summary>What is damaged: at most 1000 of it.</summary>
    public required IReadOnlyList<BackupProblem> Problems { get; init; }

    /// <summary>How much is damaged.</summary>
    public required int ProblemCount { get; init; }

    /// <summary>What is in the new backup otherwise than it was, or cannot be in one, and what could not be tidied: at most 1000 of it.</summary>
    public IReadOnlyList<string> Notices { get; init; } = [];

    public static BackupJobView Of(BackupJob job) => new()
    {
        Id = job.Id,
        Work = Name(job.Request.Work.ToString()),
        Target = job.Request.Target,
        State = Name(job.State.ToString()),
        Phase = job.Progress.Phase,
        Started = job.Started.UtcDateTime,
        Finished = job.Finished?.UtcDateTime,
        DoneBytes = job.Progress.DoneBytes,
        TotalBytes = job.Progress.TotalBytes,
        DoneBlobs = job.Progress.DoneBlobs,
        TotalBlobs = job.Progress.TotalBlobs,
        CopiedBytes = job.Progress.CopiedBytes,
        Error = job.Error,
        Problems = [.. job.Problems.Take(1000)],
        ProblemCount = job.Problems.Count,
        Notices = [.. job.Manifest?.Notices.Take(1000) ?? []],
    };

    private static string Name(string value) => value.ToLowerInvariant();

    string IIdentified.Identity => Id;
}

/// <summary>A backup.</summary>
internal sealed record BackupView
{
    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTime? Started { get; init; }

    /// <summary><c>full</c> or <c>metadata</c>.</summary>
    public string? Kind { get; init; }

    /// <summary><c>complete</c>; <c>incomplete</c> if damaged data was left out; <c>unreadable</c> if its manifest is damaged; <c>unfinished</c> if it came to no end, or its removal did: nothing can be restored of it.</summary>
    public required string State { get; init; }

    /// <summary>Whether the files of made disks were left out because that was asked for.</summary>
    public bool? WithoutDisks { get; init; }

    /// <summary>The size of what it has, in bytes.</summary>
    public long? Bytes { get; init; }

    /// <summary>How many blobs it has.</summary>
    public long? Blobs { get; init; }

    /// <summary>Bytes of blobs that were copied for it.</summary>
    public long? CopiedBytes { get; init; }

    /// <summary>Whether the master key is in it.</summary>
    public bool? MasterKey { get; init; }

    /// <summary>How many objects, versions and parts have data that is not in it because it was damaged.</summary>
    public int? Damaged { get; init; }

    /// <summary>Why its manifest cannot be read.</summary>
    public string? Error { get; init; }

    public static BackupView Of(BackupReading.Listed listed) => listed.Manifest is not { } manifest
        ? new BackupView { Name = listed.Name, State = listed.Problem is null ? "unfinished" : "unreadable", Error = listed.Problem }
        : new BackupView
        {
            Name = manifest.Name,
            Started = manifest.Started,
            Kind = manifest.MetadataOnly ? "metadata" : "full",
            WithoutDisks = manifest.WithoutDisks,
            State = manifest.Damaged.Count == 0 ? "complete" : "incomplete",
            Bytes = manifest.BlobBytes + manifest.DiskBytes + manifest.MetadataBytes,
            Blobs = manifest.Blobs,
            CopiedBytes = manifest.CopiedBytes,
            MasterKey = manifest.HasMasterKey,
            Damaged = manifest.Damaged.Count,
        };
}

/// <param name="Backups">All of them, the oldest first, and then what is left of others.</param>
internal sealed record BackupList(IReadOnlyList<BackupView> Backups);

/// <summary>What is damaged.</summary>
/// <param name="Problems">Each object, part or file.</param>
internal sealed record BackupReportView(IReadOnlyList<BackupProblem> Problems);
