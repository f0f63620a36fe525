using Tarn.Core.Blobs;
using Tarn.Core.KeyValue;

namespace Tarn.Core.Backups;

/// <summary>What a backup is made of: a checkpoint of the metadata, and the blobs that it names.</summary>
public sealed record BackupSource
{
    /// <summary>The backup's name.</summary>
    public required string Name { get; init; }

    /// <summary>When it was begun, before the checkpoint.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>The rows of the checkpoint.</summary>
    public required IKeyValueReader Rows { get; init; }

    /// <summary>The directory of the checkpoint.</summary>
    public required string MetadataDirectory { get; init; }

    /// <summary>Verifies the files of the checkpoint but those whose names are given. Null: they are not verified.</summary>
    public Func<IReadOnlySet<string>, CancellationToken, ValueTask<StoreVerification>>? Verify { get; init; }

    /// <summary>The number of the checkpoint's last change.</summary>
    public required ulong Change { get; init; }

    /// <summary>The blobs.</summary>
    public required IBlobStore Blobs { get; init; }

    /// <summary>Gives a verified blob a name in the target without copying it; false when it has to be copied. Null: all are copied.</summary>
    public Func<BlobId, bool>? ShareBlob { get; init; }

    /// <summary>Whether files may get second names in the target, so that damage to one is damage to both.</summary>
    public bool MayShare { get; init; }

    /// <summary>Whether only the metadata is copied.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Whether the files of made disks are left out.</summary>
    public bool WithoutDisks { get; init; }

    /// <summary>The id of the store.</summary>
    public required string StoreId { get; init; }

    /// <summary>The version of the layout of the data directory.</summary>
    public required int Format { get; init; }

    /// <summary>The directory of made disks; null when there is none.</summary>
    public string? DisksDirectory { get; init; }

    /// <summary>The id of the master key; null when nothing is encrypted with one.</summary>
    public string? MasterKeyId { get; init; }

    /// <summary>The text of the master key if it is to be in the backup; otherwise null.</summary>
    public string? MasterKey { get; init; }

    /// <summary>A directory for files that are written on the way; it exists.</summary>
    public required string Scratch { get; init; }
}
