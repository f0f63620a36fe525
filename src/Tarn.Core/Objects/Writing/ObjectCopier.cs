using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Writing;

/// <summary>Copies objects without copying bytes: the copy shares the source's data, so a copy of any size is one commit.</summary>
public sealed class ObjectCopier
{
    private readonly ObjectReader _reader;
    private readonly ObjectWriter _writer;
    private readonly DataOwnership _ownership;
    private readonly TimeProvider _clock;
    private readonly IRandomSource _random;

    internal ObjectCopier(
        ObjectReader reader, ObjectWriter writer, DataOwnership ownership, TimeProvider clock, IRandomSource random)
    {
        _reader = reader;
        _writer = writer;
        _ownership = ownership;
        _clock = clock;
        _random = random;
    }

    /// <summary>Copies an object; the copy becomes current at its destination.</summary>
    /// <param name="findSource">Looks up the source and throws if it may not be copied; called again when the source changed.</param>
    /// <param name="destination">The bucket to copy into.</param>
    /// <param name="key">The copy's key.</param>
    /// <param name="ownerId">The copy's owner.</param>
    /// <param name="replace">Returns the copy's metadata, given the source's.</param>
    /// <param name="algorithm">The checksum algorithm of the copy; null to keep the source's checksum.</param>
    /// <param name="condition">What must hold of the object that the copy replaces.</param>
    /// <param name="cancellationToken">Cancels the operation until the commit is submitted.</param>
    /// <param name="also">Adds rows of its own to the change, once for each attempt, given the source that is copied.</param>
    public async ValueTask<StoredObject> CopyAsync(
        Func<ValueTask<StoredObject>> findSource, Bucket destination, ObjectKey key, string ownerId,
        Func<ObjectMetadata, ObjectMetadata> replace, ChecksumAlgorithm? algorithm, WriteCondition condition,
        CancellationToken cancellationToken, Action<KeyValueBatch, StoredObject>? also = null)
    {
        // Hashed and looked for before queueing for the key, so that nobody waits for it, and again only if the source has changed by then.
        await _writer.ThrowIfNotMetAsync(destination, key, condition, cancellationToken);
        StoredObject found = await findSource();
        HashedSource? hashed = algorithm is { } wanted ? await HashAsync(found, wanted, cancellationToken) : null;
        StoredObject? present = await _reader.IsThereAsync(found, cancellationToken) ? found : null;
        StoredObject? tried = null;
        return await _writer.ReplaceAsync(destination, key, condition, BuildAsync, cancellationToken);

        async ValueTask<ObjectRecord?> BuildAsync(KeyChange change)
        {
            StoredObject source = await findSource();
            source.Guard(change.Batch);

            // Only a source that changes is a row to queue for: a requester who may only read it must not hold up its writers.
            change.AlsoContended = tried?.IsSameVersionAs(source) == false ? source.Row : null;
            tried = source;
            if (algorithm is { } named && hashed?.Source.IsSameVersionAs(source) != true)
            {
                hashed = await HashAsync(source, named, cancellationToken);
            }

            if (present?.IsSameVersionAs(source) != true)
            {
                present = await _reader.IsThereAsync(source, cancellationToken) ? source : null;
            }

            bool isWhole = present is not null && (algorithm is null || hashed is not null);
            ObjectData? data = isWhole ? await ShareAsync(change.Batch, source, cancellationToken) : null;
            if (data is null)
            {
                await _reader.ThrowIfDataLostAsync(source, cancellationToken);
                return null;
            }

            also?.Invoke(change.Batch, source);
            return source.Record with
            {
                LastModified = Timestamps.Seconds(_clock),
                OwnerId = ownerId,
                Metadata = replace(source.Metadata),
                Checksum = hashed is null ? source.Checksum : hashed.Checksum,
                Data = data,
                Upload = null,
            };
        }
    }

    /// <summary>Makes the copy a holder of the source's data; null when the data is gone because the source was replaced.</summary>
    private async ValueTask<ObjectData?> ShareAsync(KeyValueBatch batch, StoredObject source, CancellationToken cancellationToken)
    {
        switch (source.Record.Data)
        {
            case ObjectData.Inline inline:
                if (await _reader.InlineBytesAsync(source, inline, cancellationToken) is not { } bytes)
                {
                    return null;
                }

                var row = Id128.Create(_random);
                batch.Put(Tables.InlineDataKey(row), InlineSeal.Append(row, bytes.Span));
                return new ObjectData.Inline(row, IsSealed: true);
            case ObjectData.Extents extents:
                return new ObjectData.Extents(_ownership.Share(batch, extents.List));
            case ObjectData.Manifest manifest:
                return _ownership.Share(batch, manifest);
            default:
                return source.Record.Data;
        }
    }

    /// <summary>Computes the copy's checksum; null when the source's bytes are gone.</summary>
    private async ValueTask<HashedSource?> HashAsync(StoredObject source, ChecksumAlgorithm algorithm, CancellationToken cancellationToken)
    {
        if (source.Checksum is { Type: ChecksumType.FullObject } kept && kept.Algorithm == algorithm)
        {
            return new HashedSource(source, kept);
        }

        using StreamHasher hasher = StreamHasher.Create(algorithm);
        if (!await _reader.HashAsync(source, 0, source.Size, [hasher], cancellationToken))
        {
            return null;
        }

        return new HashedSource(source, new Checksum(algorithm, ChecksumType.FullObject, hasher.Finish(), 0));
    }

    private sealed record HashedSource(StoredObject Source, Checksum Checksum);
}
