using System.Buffers.Binary;
using Tarn.Core.Identity;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>Keeps what accelerators are asked to remove from their caches, for those that are away: a week, whatever becomes of the server meanwhile.</summary>
/// <param name="store">Where the rows are.</param>
/// <param name="clock">The server's clock.</param>
/// <param name="random">Makes ids.</param>
public sealed class AcceleratorClears(IKeyValueStore store, TimeProvider clock, IRandomSource random)
{
    /// <summary>How long accelerators are told; one that is away for longer is not.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    private static readonly byte[] Prefix = [Tables.AcceleratorClear];

    // One is added at a time: each decides by how many there are, which no row says that a commit could check.
    private readonly KeyedMutex _adding = new(clock);

    /// <summary>Those that accelerators are told now, the oldest first.</summary>
    public async ValueTask<IReadOnlyList<StoredClear>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(
            Tables.AcceleratorClearKey(clock.GetUtcNow().Subtract(Life).ToUnixTimeMilliseconds(), default), KeyCodec.PrefixEnd(Prefix), RegistrationAnswer.MaxClears, reverse: false, cancellationToken);
        return rows.Count == 0 ? [] : [.. rows.Select(static row => Decode(row))];
    }

    /// <summary>Adds one. It takes the place of earlier ones of which it asks for everything.</summary>
    /// <param name="bucket">The bucket whose bytes are to go; null: all.</param>
    /// <param name="bucketName">Its name, if it is known.</param>
    /// <param name="name">The name of the accelerators that are meant; null: all.</param>
    /// <param name="createdBy">ARN of who asks for it.</param>
    /// <param name="cancellationToken">Cancels the operation, unless its commit was already submitted.</param>
    /// <exception cref="IdentityRefusalException">There are too many.</exception>
    public async ValueTask<StoredClear> AddAsync(ulong? bucket, string? bucketName, string? name, string createdBy, CancellationToken cancellationToken)
    {
        using KeyedMutex.Holder alone = await _adding.EnterAsync(Prefix, Timeout.InfiniteTimeSpan, cancellationToken);
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(Prefix, KeyCodec.PrefixEnd(Prefix), int.MaxValue, reverse: false, cancellationToken);
        long now = clock.GetUtcNow().ToUnixTimeMilliseconds();

        // Behind those that are there: they keep the order in which they were asked for.
        long created = rows.Count > 0 ? Math.Max(now, Decode(rows[^1]).Created + 1) : now;
        var clear = new StoredClear { Id = Id128.Create(random), Created = created, CreatedBy = createdBy, BucketId = bucket, Bucket = bucketName, Name = name };
        var batch = new KeyValueBatch();
        int left = 0;
        foreach (KeyValueEntry row in rows)
        {
            StoredClear known = Decode(row);
            if (clear.Includes(known) || now - known.Created > (long)Life.TotalMilliseconds)
            {
                batch.Delete(row.Key);
            }
            else
            {
                left++;
            }
        }

        if (left >= RegistrationAnswer.MaxClears)
        {
            throw IdentityRefusalException.Conflict($"accelerators are told to clear {left} things already, which is all that they can be told within {Life.TotalDays:0} days; clear everything instead");
        }

        byte[] key = Tables.AcceleratorClearKey(clear.Created, clear.Id);

        // To its end: the next one has to see it.
        return await store.CommitAsync(batch.Check(key, null).Put(key, clear.Encode()), CancellationToken.None)
            ? clear
            : throw new InvalidOperationException("The same random id was made twice.");
    }

    private static StoredClear Decode(KeyValueEntry row) => Rows.Decode(
        row.Key, row.Value, bytes => StoredClear.Decode((long)BinaryPrimitives.ReadUInt64BigEndian(row.Key.AsSpan(1)), Id128.Read(row.Key.AsSpan(1 + sizeof(ulong))), bytes));
}
