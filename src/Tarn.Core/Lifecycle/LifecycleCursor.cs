using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Lifecycle;

/// <summary>How far the lifecycle walk of a bucket is: what a restarted worker goes on from.</summary>
internal sealed record LifecycleCursor
{
    private const byte Marker = 1;

    /// <summary>When the walk began, Unix milliseconds.</summary>
    public required long Started { get; init; }

    /// <summary>The rules that it walks for.</summary>
    public required ulong Fingerprint { get; init; }

    public LifecyclePhase Phase { get; init; }

    /// <summary>Where the phase goes on: the first key or upload that was not looked at.</summary>
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

/// <summary>What a lifecycle walk looks at now. The numbers are persisted.</summary>
internal enum LifecyclePhase : byte
{
    Keys = 0,
    Uploads = 1,
    Done = 2,
}

/// <summary>
/// The stored cursor of one bucket. It is only ever replaced as it was read, so that of two workers on one bucket one stops.
/// </summary>
internal sealed class StoredCursor(IKeyValueStore store, ulong bucketId)
{
    private readonly byte[] _row = Tables.LifecycleCursorKey(bucketId);
    private byte[]? _bytes;

    public LifecycleCursor? Value { get; private set; }

    public async ValueTask LoadAsync(CancellationToken cancellationToken)
    {
        _bytes = await store.GetAsync(_row, cancellationToken);
        Value = _bytes is null ? null : LifecycleCursor.Decode(_bytes);
    }

    /// <summary>Replaces the cursor; false when another worker has.</summary>
    public async ValueTask<bool> SaveAsync(LifecycleCursor cursor, CancellationToken cancellationToken)
    {
        byte[] bytes = cursor.Encode();

        // On a nearly full disk, where only removals are taken, rules go on making room.
        if (!await store.CommitAsync(new KeyValueBatch().Check(_row, _bytes).Put(_row, bytes).AsRemoval(), cancellationToken))
        {
            return false;
        }

        (_bytes, Value) = (bytes, cursor);
        return true;
    }
}
