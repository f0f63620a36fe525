using System.Runtime.InteropServices;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Consistency;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Backups;

/// <summary>Puts the objects and parts whose data a restore did not bring back on the list of damage, so that a server knows of them from its start.</summary>
public static class RestoredDamage
{
    private const int Page = 1000;

    /// <summary>Adds them.</summary>
    /// <param name="store">The restored metadata, which nobody else uses.</param>
    /// <param name="problems">What the restore found, of which the problems of blobs matter.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    /// <exception cref="IOException">The rows cannot be read or written.</exception>
    public static async Task RecordAsync(IKeyValueStore store, IEnumerable<BackupProblem> problems, TimeProvider clock, CancellationToken cancellationToken)
    {
        var damaged = new Dictionary<BlobId, BackupProblem>();
        foreach (BackupProblem problem in problems)
        {
            if (BlobId.TryParse(problem.Data, out BlobId id))
            {
                damaged[id] = problem;
            }
        }

        if (damaged.Count > 0)
        {
            await new Walk(store, damaged, clock.GetUtcNow().ToUnixTimeMilliseconds()).RunAsync(cancellationToken);
        }
    }

    private sealed class Walk
    {
        private readonly IKeyValueStore _store;
        private readonly Dictionary<BlobId, BackupProblem> _damaged;
        private readonly long _now;
        private readonly Dictionary<Id128, HashSet<BlobId>> _ofManifests = [];
        private readonly Dictionary<UploadId, List<(KeyValueEntry Row, PartRecord Part, BlobId Blob)>> _ofUploads = [];
        private KeyValueBatch _batch = new();

        public Walk(IKeyValueStore store, Dictionary<BlobId, BackupProblem> damaged, long now) => (_store, _damaged, _now) = (store, damaged, now);

        public async Task RunAsync(CancellationToken cancellationToken)
        {
            await ForEachAsync(Tables.Manifest, ManifestChunk.Decode, (row, parts) =>
            {
                foreach (BlobId blob in Damaged(parts.SelectMany(static part => part.Extents)))
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(_ofManifests, RowKeys.IdOf(row.Key), out _) ??= []).Add(blob);
                }

                return default;
            }, cancellationToken);
            await ForEachAsync(Tables.Part, PartRecord.Decode, (row, part) =>
            {
                foreach (BlobId blob in Damaged(part.Extents))
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(_ofUploads, new UploadId(RowKeys.IdOf(row.Key)), out _) ??= []).Add((row, part, blob));
                }

                return default;
            }, cancellationToken);
            foreach (byte table in new[] { Tables.Current, Tables.History })
            {
                await ForEachAsync(table, ObjectRecord.Decode, (row, record) => AddAsync(row, record, cancellationToken), cancellationToken);
            }

            await ForEachAsync(Tables.Upload, UploadRecord.Decode, (row, _) => AddPartsAsync(row, cancellationToken), cancellationToken);
            await CommitAsync(cancellationToken);
        }

        private async ValueTask AddAsync(KeyValueEntry row, ObjectRecord record, CancellationToken cancellationToken)
        {
            IEnumerable<BlobId> blobs = record.Data switch
            {
                ObjectData.Extents extents => Damaged(extents.List),
                ObjectData.Manifest manifest => _ofManifests.GetValueOrDefault(manifest.Id) ?? [],
                _ => [],
            };
            DataHolder? holder = null;
            foreach (BlobId blob in blobs)
            {
                if (holder is null)
                {
                    RowKeys.TrySplit(row.Key, out _, out byte[] key);
                    holder = DataHolder.Of(new StoredObject(ObjectKey.FromUtf8(key), row.Key, row.Value, record));
                }

                await AddAsync(holder, blob, cancellationToken);
            }
        }

        private async ValueTask AddPartsAsync(KeyValueEntry upload, CancellationToken cancellationToken)
        {
            RowKeys.TrySplit(upload.Key, out ulong bucket, out byte[] key);
            UploadId id = Tables.UploadOf(upload.Key);
            foreach ((KeyValueEntry row, PartRecord part, BlobId blob) in _ofUploads.GetValueOrDefault(id) ?? [])
            {
                await AddAsync(DataHolder.Of(bucket, ObjectKey.FromUtf8(key), id, part, row.Key, row.Value), blob, cancellationToken);
            }
        }

        /// <summary>The restored store has nothing under the id, whatever was wrong with the copy.</summary>
        private async ValueTask AddAsync(DataHolder holder, BlobId blob, CancellationToken cancellationToken)
        {
            var missing = new DamagedDataException(DamageKind.Missing, blob.Value, _damaged[blob].Detail);
            _batch.Put(Tables.DamageKey(blob.Value, holder.Place), DamageRecord.Of(holder, missing, _now).Encode());
            if (_batch.Changes.Count == Page)
            {
                await CommitAsync(cancellationToken);
            }
        }

        private async ValueTask CommitAsync(CancellationToken cancellationToken)
        {
            await _store.CommitAsync(_batch, cancellationToken);
            _batch = new KeyValueBatch();
        }

        private async ValueTask ForEachAsync<T>(byte table, RecordDecoder<T> decode, Func<KeyValueEntry, T, ValueTask> found, CancellationToken cancellationToken)
        {
            await foreach (KeyValueEntry row in _store.AllAsync([table], [(byte)(table + 1)], Page, cancellationToken))
            {
                // A row that does not decode was reported, and says the same to whoever asks for the object.
                if (RowDecoders.Problem(row) is null)
                {
                    await found(row, Rows.Decode(row.Key, row.Value, decode));
                }
            }
        }

        private IEnumerable<BlobId> Damaged(IEnumerable<Extent> extents) => extents.Select(static extent => extent.Blob).Where(_damaged.ContainsKey).Distinct();
    }
}
