using Tarn.Core.Counts;
using Tarn.Core.Lifecycle;
using Tarn.Server.Backups;

namespace Tarn.Server.Control.Tarn;

/// <summary>The server at this moment.</summary>
internal sealed record StatusView
{
    /// <summary>The version of the program.</summary>
    public required string Version { get; init; }

    /// <summary>When the process began to serve.</summary>
    public required DateTime StartedAt { get; init; }

    /// <summary>Seconds since then.</summary>
    public required long UptimeSeconds { get; init; }

    /// <summary>The region.</summary>
    public required string Region { get; init; }

    /// <summary>The URL by which clients reach S3: the external one if there is one, or else that of the endpoint on the server's machine.</summary>
    public required string S3 { get; init; }

    /// <summary>The URL of the control address on the server's machine.</summary>
    public required string Control { get; init; }

    /// <summary>Whether the root user has the key of the documentation.</summary>
    public required bool UsesDevKey { get; init; }

    /// <summary>The data directory.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The version of its layout.</summary>
    public required int StoreFormat { get; init; }

    /// <summary>The file systems of the stores.</summary>
    public required IReadOnlyList<StoreSpaceView> Stores { get; init; }

    /// <summary>Whether a write to the metadata has failed, so that none is accepted until a restart.</summary>
    public required bool MetadataFailed { get; init; }

    /// <summary>Reads of the metadata that met damage since the start.</summary>
    public required long MetadataDamagedReads { get; init; }

    /// <summary>Objects, rows of small objects and manifests known to be damaged.</summary>
    public required long Damaged { get; init; }

    /// <summary>What all buckets hold together; absent if that cannot be read.</summary>
    public required HeldView? Held { get; init; }

    /// <summary>Why it cannot be read.</summary>
    public required string? HeldError { get; init; }

    /// <summary>Scrubbing.</summary>
    public required ScrubView Scrub { get; init; }

    /// <summary>Removals of data that are due and not done.</summary>
    public required long ReclaimBacklog { get; init; }

    /// <summary>What lifecycle rules did since the start.</summary>
    public required LifecycleView Lifecycle { get; init; }

    /// <summary>Backups that this process made.</summary>
    public required BackupStatusView Backup { get; init; }

    /// <summary>The load of the S3 endpoint.</summary>
    public required LoadView S3Load { get; init; }

    /// <summary>The load of the control address.</summary>
    public required LoadView ControlLoad { get; init; }
}

/// <param name="Store"><c>metadata</c> or <c>blobs</c>; of a mirror, <c>mirror_metadata</c> or <c>mirror_blobs</c>.</param>
/// <param name="Path">Its directory.</param>
/// <param name="FreeBytes">Bytes that can still be written.</param>
/// <param name="TotalBytes">The size of the file system.</param>
/// <param name="FreeInodes">Files that can still be created; absent where that is not limited.</param>
/// <param name="Error">Why it could not be measured; the other figures are then 0.</param>
internal sealed record StoreSpaceView(string Store, string Path, long FreeBytes, long TotalBytes, long? FreeInodes, string? Error);

/// <param name="Buckets">Buckets.</param>
/// <param name="Objects">Objects, without older versions and delete markers.</param>
/// <param name="Bytes">Their sizes together.</param>
/// <param name="NoncurrentVersions">Older versions.</param>
/// <param name="NoncurrentBytes">Their sizes together.</param>
/// <param name="DeleteMarkers">Delete markers.</param>
/// <param name="Uploads">Multipart uploads in progress.</param>
/// <param name="UploadBytes">The sizes of their parts together.</param>
/// <param name="IsExact">Whether the counts are exact; otherwise they are being counted.</param>
internal sealed record HeldView(
    long Buckets, long Objects, long Bytes, long NoncurrentVersions, long NoncurrentBytes, long DeleteMarkers, long Uploads, long UploadBytes, bool IsExact)
{
    public static HeldView Of(long buckets, BucketCounts counts, bool isExact) => new(
        buckets, counts.Objects, counts.Bytes, counts.NoncurrentVersions, counts.NoncurrentBytes, counts.DeleteMarkers, counts.Uploads, counts.UploadBytes, isExact);
}

/// <param name="Examined">Versions and uploads looked at.</param>
/// <param name="Expired">Current versions expired.</param>
/// <param name="VersionsDeleted">Noncurrent versions deleted.</param>
/// <param name="MarkersRemoved">Delete markers removed.</param>
/// <param name="UploadsAborted">Multipart uploads aborted.</param>
internal sealed record LifecycleView(long Examined, long Expired, long VersionsDeleted, long MarkersRemoved, long UploadsAborted)
{
    public static LifecycleView Of(LifecycleTally tally) => new(tally.Examined, tally.Expired, tally.VersionsDeleted, tally.MarkersRemoved, tally.UploadsAborted);
}

/// <param name="Running">Whether a job on backups is under way.</param>
/// <param name="LastFull">When the last full backup without damage was begun; absent before the first since the start.</param>
/// <param name="LastMetadata">The same of backups of the metadata alone.</param>
internal sealed record BackupStatusView(bool Running, DateTime? LastFull, DateTime? LastMetadata)
{
    public static BackupStatusView Of(BackupJobs jobs) => new(jobs.Last?.State == BackupState.Running, Time(jobs.LastFull), Time(jobs.LastMetadata));

    private static DateTime? Time(long seconds) => seconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;
}

/// <param name="Connections">Open connections.</param>
/// <param name="MaxConnections">As many may be open.</param>
/// <param name="Requests">Requests being served.</param>
internal sealed record LoadView(int Connections, int MaxConnections, int Requests);
