using System.Buffers.Binary;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>Checks the rows of multipart uploads and of what is to be removed.</summary>
internal sealed class UploadCheck(CheckRun run)
{
    private readonly HashSet<Id128> _inProgress = [];
    private readonly HashSet<Id128> _ending = [];
    private readonly HashSet<Id128> _aborted = [];
    private readonly HashSet<ulong> _deletedBuckets = [];

    /// <summary>Reads which uploads there are, and which are being removed.</summary>
    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        await foreach (KeyValueEntry row in run.ScanAsync([Tables.Upload], [Tables.Upload + 1], cancellationToken))
        {
            if (RowKeys.HasLength(row.Key[0], row.Key.Length))
            {
                _inProgress.Add(Tables.UploadOf(row.Key).Value);
            }
        }

        await foreach (KeyValueEntry row in run.ScanAsync([Tables.Reclaim], [Tables.Reclaim + 1], cancellationToken))
        {
            if (RowDecoders.Problem(row) is not null)
            {
                run.Unread.Add(Tables.Reclaim);
                continue;
            }

            ReclaimRecord record = Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode);
            _ = record.Kind switch
            {
                ReclaimKind.Upload => _ending.Add(record.Id),
                ReclaimKind.AbortedUpload => _aborted.Add(record.Id),
                ReclaimKind.Bucket => _deletedBuckets.Add(record.Id.Low),
                _ => false,
            };
        }
    }

    public async ValueTask CheckAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        string? problem = row.Key[0] switch
        {
            Tables.Upload => Upload(row),
            Tables.Part => Part(row),
            Tables.AbortedUpload => Aborted(row),
            Tables.Reclaim => Reclaim(row),
            Tables.BlobReference => Reference(row),
            _ => Manifest(row),
        };
        if (problem is not null)
        {
            await run.ReportAsync(FindingKind.Inconsistent, row.Key, problem);
        }
    }

    private string? Upload(KeyValueEntry row)
    {
        run.Summary = run.Summary with { Uploads = run.Summary.Uploads + 1 };
        return !RowKeys.TrySplit(row.Key, out ulong bucket, out _) ? "The key does not have the components of an upload's."
            : !run.Buckets.ContainsKey(bucket) && !_deletedBuckets.Contains(bucket) && AreRead(Tables.Bucket, Tables.Reclaim) ? "It is an upload into a bucket that does not exist."
            : null;
    }

    private string? Part(KeyValueEntry row)
    {
        PartRecord part = Rows.Decode(row.Key, row.Value, PartRecord.Decode);
        run.AddMemory(row.Key, part.Extents.Count);
        Id128 upload = RowKeys.IdOf(row.Key);
        return part.Number != RowKeys.NumberOf(row.Key) ? $"The record is that of part {part.Number}."
            : part.Number is < 1 or > MultipartUpload.MaxPartNumber ? $"There is no part {part.Number}."
            : !_inProgress.Contains(upload) && !_ending.Contains(upload) && AreRead(Tables.Upload, Tables.Reclaim) ? "Its upload does not exist, and the part is not waiting to be removed."
            : VersionCheck.Problem(part);
    }

    private string? Aborted(KeyValueEntry row)
    {
        Id128 upload = RowKeys.IdOf(row.Key);
        bool isUpload = row.Value.Length > Id128.Size && row.Value[0] == Tables.Upload && Id128.Read(row.Value.AsSpan(row.Value.Length - Id128.Size)) == upload;
        return !isUpload ? "The value is not the key of the upload's row."
            : !_aborted.Contains(upload) && AreRead(Tables.Reclaim) ? "Nothing will remove it: its row among those to be removed is missing."
            : null;
    }

    private bool AreRead(params ReadOnlySpan<byte> tables) => !tables.ContainsAny([.. run.Unread]);

    private string? Reference(KeyValueEntry row)
    {
        run.AddMemory([], 1);
        return null;
    }

    private string? Reclaim(KeyValueEntry row)
    {
        run.AddMemory([], 1);
        ReclaimRecord record = Rows.Decode(row.Key, row.Value, ReclaimRecord.Decode);
        return !Enum.IsDefined(record.Kind) ? $"This build knows no kind {(int)record.Kind} of what is to be removed."
            : record.Id != Id128.Read(row.Key.AsSpan(9)) ? "The record names another id than the key."
            : BinaryPrimitives.ReadUInt64BigEndian(row.Key.AsSpan(1)) > long.MaxValue ? "It is never due."
            : null;
    }

    private string? Manifest(KeyValueEntry row)
    {
        List<PartRecord> parts = Rows.Decode(row.Key, row.Value, ManifestChunk.Decode);
        run.AddMemory(row.Key, parts.Sum(static part => part.Extents.Count));
        return parts.Count is 0 or > ManifestChunk.Capacity ? $"It has {parts.Count} parts instead of 1 to {ManifestChunk.Capacity}."
            : parts.Select(VersionCheck.Problem).FirstOrDefault(static problem => problem is not null);
    }
}
