using System.Text;
using Tarn.Core.Errors;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>Creates, finds, lists and deletes buckets. Names are unique across owners.</summary>
public sealed class BucketCatalog(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    private const int Page = 1000;

    private readonly OptimisticTransaction _transactions = new(store, clock, random);
    private readonly BucketDeletion _deletion = new(store, clock);
    private readonly DecodedRows<BucketName, Bucket> _rows =
        new(store, static name => Tables.BucketKey(name.Value), static (name, bytes) => new Bucket(name, Rows.Decode(Tables.BucketKey(name.Value), bytes, BucketRecord.Decode), bytes));

    /// <summary>Finds a bucket; null when there is none.</summary>
    public ValueTask<Bucket?> FindAsync(BucketName name, CancellationToken cancellationToken) => _rows.FindAsync(name, cancellationToken);

    /// <summary>Finds a bucket.</summary>
    /// <exception cref="S3Exception">NoSuchBucket.</exception>
    public async ValueTask<Bucket> GetAsync(BucketName name, CancellationToken cancellationToken) =>
        await FindAsync(name, cancellationToken) ?? throw NoSuchBucket(name.Value);

    /// <summary>Finds a bucket to write to.</summary>
    /// <exception cref="S3Exception">NoSuchBucket; OperationAborted while the bucket is being deleted.</exception>
    public async ValueTask<Bucket> GetForWriteAsync(BucketName name, CancellationToken cancellationToken)
    {
        Bucket bucket = await GetAsync(name, cancellationToken);
        if (bucket.Record.DeletingSince == 0)
        {
            return bucket;
        }

        // Another DeleteBucket may have marked it again in the meantime.
        await UnmarkAsync(name, cancellationToken);
        return await GetForWriteAsync(name, cancellationToken);
    }

    /// <summary>Removes the mark of an interrupted DeleteBucket: a write that guards the marked bytes could commit after the deletion's check for objects.</summary>
    private ValueTask<Bucket> UnmarkAsync(BucketName name, CancellationToken cancellationToken) => _transactions.RunAsync(
        Tables.BucketKey(name.Value),
        async _ =>
        {
            Bucket bucket = await GetAsync(name, cancellationToken);
            if (bucket.Record.DeletingSince == 0)
            {
                return Decision.Done(bucket);
            }

            _deletion.ThrowIfDeleted(bucket);
            (KeyValueBatch batch, Bucket unmarked) = bucket.Replace(bucket.Record with { DeletingSince = 0 });
            return Decision.Commit(batch, unmarked);
        },
        cancellationToken);

    /// <summary>Reads a bucket again after a commit that guarded it failed. Its settings may have changed, but it must be the same bucket.</summary>
    /// <exception cref="S3Exception">NoSuchBucket; OperationAborted while the bucket is being deleted.</exception>
    internal async ValueTask<Bucket> GetSameAsync(Bucket bucket, CancellationToken cancellationToken) =>
        Same(bucket, await GetForWriteAsync(bucket.Name, cancellationToken));

    /// <summary>The error for a bucket that does not exist.</summary>
    public static S3Exception NoSuchBucket(string name) => new(S3Error.NoSuchBucket) { Details = [new("BucketName", name)] };

    /// <summary>Creates a bucket; null when the name is taken, and <see cref="FindAsync"/> then finds its owner.</summary>
    public ValueTask<Bucket?> CreateAsync(BucketName name, string ownerId, string ownerName, string region, CancellationToken cancellationToken) =>
        CreateAsync(name, ownerId, ownerName, region, [], cancellationToken);

    /// <summary>Creates a bucket with initial settings.</summary>
    /// <inheritdoc cref="CreateAsync(BucketName, string, string, string, CancellationToken)"/>
    public async ValueTask<Bucket?> CreateAsync(
        BucketName name, string ownerId, string ownerName, string region,
        IReadOnlyList<InitialSetting> settings, CancellationToken cancellationToken)
    {
        var batch = new KeyValueBatch();
        Bucket made = Add(batch, name, ownerId, ownerName, region, settings);
        return await store.CommitAsync(batch, cancellationToken) ? made : null;
    }

    /// <summary>Adds the creation of a bucket to a batch, whose commit fails if the name is taken.</summary>
    internal Bucket Add(
        KeyValueBatch batch, BucketName name, string ownerId, string ownerName, string region, IReadOnlyList<InitialSetting> settings)
    {
        var record = new BucketRecord
        {
            Id = random.NextUInt64(),
            OwnerId = ownerId,
            OwnerName = ownerName,
            Region = region,
            Created = clock.GetUtcNow().ToUnixTimeSeconds() * 1000,
            Configurations = settings.Aggregate(0UL, static (bits, setting) => bits | (1UL << (int)setting.Kind)),
        };
        byte[] row = Tables.BucketKey(name.Value);
        byte[] bytes = record.Encode();
        batch.Check(row, null).Put(row, bytes).Put(Tables.BucketByOwnerKey(ownerId, name.Value), []);
        foreach ((BucketConfiguration kind, byte[] value) in settings)
        {
            batch.Put(Tables.BucketConfigurationKey(record.Id, kind), value);
        }

        return new Bucket(name, record, bytes);
    }

    /// <summary>Reads one setting of a bucket; null when the bucket does not have it.</summary>
    public ValueTask<T?> GetSettingAsync<T>(Bucket bucket, StoredSetting<T> setting, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.IsSet(bucket) ? setting.ReadAsync(store, bucket, cancellationToken) : default;
    }

    /// <summary>Sets or replaces a bucket's setting; null removes it.</summary>
    /// <exception cref="S3Exception">NoSuchBucket, OperationAborted.</exception>
    public ValueTask SetSettingAsync<T>(Bucket bucket, StoredSetting<T> setting, T? value, CancellationToken cancellationToken)
        where T : class => SetSettingAsync(bucket, setting, value, first: false, cancellationToken);

    /// <summary>Sets or replaces a bucket's setting; with <paramref name="first"/>, only if the bucket does not have it yet.</summary>
    /// <exception cref="S3Exception">NoSuchBucket, OperationAborted; AccessDenied when another request was first.</exception>
    public ValueTask SetSettingAsync<T>(Bucket bucket, StoredSetting<T> setting, T? value, bool first, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(setting);
        return UpdateAsync(
            bucket,
            (now, record, batch) =>
                first && setting.IsSet(now) ? throw new S3Exception(S3Error.AccessDenied) : setting.Change(record, value, batch),
            cancellationToken);
    }

    /// <summary>Removes a setting of a bucket if it has one.</summary>
    /// <exception cref="S3Exception">NoSuchBucket, OperationAborted.</exception>
    public ValueTask RemoveSettingAsync<T>(Bucket bucket, StoredSetting<T> setting, CancellationToken cancellationToken)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(setting);
        return setting.IsSet(bucket) ? SetSettingAsync(bucket, setting, null, cancellationToken) : default;
    }

    private async ValueTask UpdateAsync(
        Bucket bucket, Func<Bucket, BucketRecord, KeyValueBatch, BucketRecord> change, CancellationToken cancellationToken)
    {
        byte[] row = Tables.BucketKey(bucket.Name.Value);
        await _transactions.RunAsync(
            row,
            async _ =>
            {
                Bucket now = Same(bucket, await GetAsync(bucket.Name, cancellationToken));
                _deletion.ThrowIfDeleted(now);
                KeyValueBatch batch = now.Guard(new KeyValueBatch());
                BucketRecord changed = change(now, now.Record with { DeletingSince = 0 }, batch);
                batch.Put(row, changed.Encode());
                return Decision.Commit(batch, changed);
            },
            cancellationToken);
    }

    /// <summary>Deletes an empty bucket. Uploads in progress do not prevent it: the reclaim worker aborts them.</summary>
    /// <exception cref="S3Exception">BucketNotEmpty; OperationAborted when another request changes the bucket meanwhile.</exception>
    public ValueTask DeleteAsync(Bucket bucket, CancellationToken cancellationToken) => _deletion.RunAsync(bucket, cancellationToken);

    /// <summary>Lists buckets in order of name. A damaged row keeps no other bucket from being listed.</summary>
    /// <param name="ownerId">Canonical user id of the owner; null: the buckets of all.</param>
    /// <param name="prefix">What their names begin with; empty: any.</param>
    /// <param name="after">The name after which the list begins; null: at the first one.</param>
    /// <param name="limit">The largest number of buckets; fewer mean that there are no more.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async ValueTask<IReadOnlyList<ListedBucket>> ListAsync(string? ownerId, string prefix, string? after, int limit, CancellationToken cancellationToken)
    {
        byte[] begin = KeyOf(prefix);
        byte[] from = after is null ? begin : [.. KeyOf(after), 0];
        if (from.AsSpan().SequenceCompareTo(begin) < 0)
        {
            from = begin;
        }

        int nameAt = KeyOf("").Length;
        var listed = new List<ListedBucket>();
        await foreach (KeyValueEntry row in store.AllAsync(from, KeyCodec.PrefixEnd(begin), Math.Min(limit, Page), cancellationToken))
        {
            if (listed.Count == limit)
            {
                break;
            }

            var name = BucketName.FromStorage(Encoding.UTF8.GetString(row.Key.AsSpan(nameAt)));
            try
            {
                // One that was deleted meanwhile takes no place.
                if ((ownerId is null ? Bucket.Decode(row) : await FindAsync(name, cancellationToken)) is { } bucket)
                {
                    listed.Add(new ListedBucket(name, bucket, null));
                }
            }
            catch (RecordFormatException e)
            {
                listed.Add(new ListedBucket(name, null, e));
            }
        }

        return listed;

        byte[] KeyOf(string name) => ownerId is null ? Tables.BucketKey(name) : Tables.BucketByOwnerKey(ownerId, name);
    }

    /// <summary>All buckets in order of their names, some at a time.</summary>
    /// <param name="limit">The largest number of rows that are read at once.</param>
    /// <param name="damaged">Receives why a bucket is left out whose row is damaged.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async IAsyncEnumerable<IReadOnlyList<Bucket>> ReadAllAsync(
        int limit, Action<Exception> damaged, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        byte[] from = [Tables.Bucket];
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, [Tables.Bucket + 1], limit, reverse: false, cancellationToken);
            if (rows.Count == 0)
            {
                yield break;
            }

            yield return [.. rows.Select(row => Bucket.TryDecode(row, damaged)).OfType<Bucket>()];
            from = [.. rows[^1].Key, 0];
        }
    }

    private static Bucket Same(Bucket bucket, Bucket now) => now.Id == bucket.Id ? now : throw NoSuchBucket(bucket.Name.Value);
}
