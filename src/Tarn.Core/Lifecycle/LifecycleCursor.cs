using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>The progress of a bucket's lifecycle walk, from which a restarted worker continues.</summary>
internal sealed record LifecycleCursor
{
    private const byte Marker = 1;

    /// <summary>When the walk began, Unix milliseconds.</summary>
    public required long Started { get; init; }

    /// <summary>The fingerprint of the rules that the walk applies.</summary>
    public required ulong Fingerprint { get; init; }

    public LifecyclePhase Phase { get; init; }

    /// <summary>Where the phase continues: the first key or upload not yet examined.</summary>
    public byte[] Position { get; init; } = [];

    public byte[] Encode() => new RecordWriter(Marker)
        .Number(1, Started)
        .Number(2, Fingerprint)
        .Number(3, (ulong)Phase)
        .Bytes(4, Position)
        .ToArray();

    public static LifecycleCursor Decode(ReadOnlySpan<byte> bytes)
    {
        long started = 0;
        ulong fingerprint = 0;
        LifecyclePhase phase = default;
        byte[] position = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: started = reader.Signed; break;
                case 2: fingerprint = reader.Number; break;
                case 3: phase = (LifecyclePhase)reader.Number; break;
                case 4: position = reader.Bytes.ToArray(); break;
            }
        }

        return new LifecycleCursor { Started = started, Fingerprint = fingerprint, Phase = phase, Position = position };
    }
}

/// <summary>The phases of a lifecycle walk. The numbers are persisted.</summary>
internal enum LifecyclePhase : byte
{
    Keys = 0,
    Uploads = 1,
    Done = 2,
}

/// <summary>
/// The stored cursor of one bucket. It is replaced only if unchanged since it was read, so that one of two workers on a bucket stops.
/// </summary>
internal sealed class StoredCursor(IKeyValueStore store, ulong bucketId)
{
    private readonly byte[] _row = Tables.LifecycleCursorKey(bucketId);
    private byte[]? _bytes;

    public LifecycleCursor? Value { get; private set; }

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        _bytes = await store.GetAsync(_row, cancellationToken);
        Value = _bytes is null ? null : Rows.Decode(_row, _bytes, LifecycleCursor.Decode);
    }

    /// <summary>Replaces the cursor; false when another worker has replaced it.</summary>
    public async ValueTask<bool> SaveAsync(LifecycleCursor cursor, CancellationToken cancellationToken)
    {
        byte[] bytes = cursor.Encode();

        // A removal, so that rules continue to make room on a nearly full disk, which accepts only removals.
        if (!await store.CommitAsync(new KeyValueBatch().Check(_row, _bytes).Put(_row, bytes).AsRemoval(), cancellationToken))
        {
            return false;
        }

        (_bytes, Value) = (bytes, cursor);
        return true;
    }
}
