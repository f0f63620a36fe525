using Tarn.Core.Disks.Writing;

namespace Tarn.Server.Control.Archil;

/// <summary>A directory to create.</summary>
internal sealed record DirectoryBody
{
    /// <summary>Its path below the disk's root.</summary>
    public required string Path { get; init; }

    /// <summary>Whether missing directories above it are created too, and an existing one is left as it is; null for no.</summary>
    public bool? Parents { get; init; }
}

/// <summary>A file or directory to rename.</summary>
internal sealed record RenameBody
{
    /// <summary>Its path below the disk's root.</summary>
    public required string From { get; init; }

    /// <summary>Its new path.</summary>
    public required string To { get; init; }

    /// <summary>Whether what has the new path is replaced; null for no.</summary>
    public bool? Replace { get; init; }
}

/// <summary>A resumable upload to begin.</summary>
internal sealed record DiskUploadBody
{
    /// <summary>The path of the file below the disk's root.</summary>
    public required string Path { get; init; }

    /// <summary>Whether a file that is there when the upload is completed is replaced; null for no.</summary>
    public bool? Replace { get; init; }

    /// <summary>How long the file will be, in bytes; null: not known.</summary>
    public long? Length { get; init; }

    /// <summary>A text to recognize the upload by, at most 256 characters; null for none.</summary>
    public string? Label { get; init; }
}

/// <summary>The end of a resumable upload.</summary>
internal sealed record UploadCompletionBody
{
    /// <summary>The SHA-256 that the file must have, in hexadecimal; null: it is not compared.</summary>
    public string? Sha256 { get; init; }

    /// <summary>Whether a file that is there is replaced, also if the upload was begun without that; null for no.</summary>
    public bool? Replace { get; init; }
}

/// <summary>A file that has been written.</summary>
internal sealed record DiskFileView
{
    /// <summary>Its path below the disk's root.</summary>
    public required string Path { get; init; }

    /// <summary>Its size in bytes.</summary>
    public required long Size { get; init; }

    /// <summary>The entity tag that readers over S3 get, without quotes.</summary>
    public required string ETag { get; init; }

    /// <summary>When it was written.</summary>
    public required DateTime LastModified { get; init; }

    public static DiskFileView Of(DiskFileFacts facts) => new()
    {
        Path = facts.Path, Size = facts.Size, ETag = facts.ETag.ToString(), LastModified = facts.LastModified.UtcDateTime,
    };
}

/// <param name="Path">The path of the directory.</param>
/// <param name="Created">False if it was there already.</param>
internal sealed record DirectoryView(string Path, bool Created);

/// <summary>A resumable upload.</summary>
internal sealed record DiskUploadView : IIdentified
{
    /// <summary>Its id.</summary>
    public required string UploadId { get; init; }

    /// <summary>The path of the file below the disk's root.</summary>
    public required string Path { get; init; }

    /// <summary>How many bytes the server has durably: where the next ones go.</summary>
    public required long Offset { get; init; }

    /// <summary>How long the file will be, in bytes; absent if that is not known.</summary>
    public long? Length { get; init; }

    /// <summary>Whether a file that is there when the upload is completed is replaced.</summary>
    public required bool Replace { get; init; }

    /// <summary>The text to recognize the upload by; absent for none.</summary>
    public string? Label { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTime CreatedAt { get; init; }

    public static DiskUploadView Of(DiskUpload upload) => new()
    {
        UploadId = upload.Id, Path = upload.Path, Offset = upload.Offset, Length = upload.Length, Replace = upload.Replaces, Label = upload.Label,
        CreatedAt = upload.Created.UtcDateTime,
    };

    string IIdentified.Identity => UploadId;
}

/// <param name="Uploads">All uploads of the disk, the oldest first.</param>
internal sealed record DiskUploadList(IReadOnlyList<DiskUploadView> Uploads);

/// <summary>Whether this API may write to a disk.</summary>
internal sealed record DiskWriting
{
    /// <summary>Whether it may.</summary>
    public required bool Writing { get; init; }
}
