using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Reading;

/// <summary>Reads the rows of small objects and verifies them.</summary>
internal sealed class InlineRows(IKeyValueStore store, DamageList damage)
{
    /// <summary>The bytes of a small object; null when there is no such row.</summary>
    /// <param name="found">The object.</param>
    /// <param name="inline">Its row.</param>
    /// <param name="verify">Whether the bytes are compared with their checksum.</param>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <exception cref="DamagedDataException">They are not what was stored.</exception>
    public async ValueTask<ReadOnlyMemory<byte>?> ReadAsync(
        StoredObject found, ObjectData.Inline inline, bool verify, CancellationToken cancellationToken)
    {
        // Before the read: damage that is met meanwhile stays.
        KnownDamage? listed = damage.Count == 0 ? null : damage.Find(inline.Row);
        byte[]? value = await store.GetAsync(Tables.InlineDataKey(inline.Row), cancellationToken);
        DamagedDataException? wrong = Wrong(found, inline, verify, value);
        if ((value is null || wrong is not null) && await FindOtherAsync(found, inline, verify, cancellationToken) is { } right)
        {
            (value, wrong) = (right, null);
        }

        if (wrong is not null)
        {
            throw await new DamageReport(damage, DataHolder.Of(found)).ReportAsync(wrong);
        }

        if (verify && value is not null && listed is { } known)
        {
            await damage.DropIfAsync(inline.Row, known);
        }

        return value?.AsMemory(0, value.Length - TailOf(inline));
    }

    private static int TailOf(ObjectData.Inline inline) => inline.IsSealed ? InlineSeal.Size : 0;

    private static DamagedDataException? Wrong(StoredObject found, ObjectData.Inline inline, bool verify, byte[]? value) =>
        value is null ? null
        : value.Length != found.Size + TailOf(inline)
            ? new(DamageKind.Length, inline.Row, $"Row {inline.Row} has {value.Length} bytes instead of {found.Size + TailOf(inline)}.")
        : verify && !(inline.IsSealed ? InlineSeal.Matches(inline.Row, value) : Matches(found, value))
            ? new(DamageKind.Checksum, inline.Row, $"Row {inline.Row} does not match its checksum.")
        : null;

    /// <summary>The row as another copy of the store has it, if it is right there.</summary>
    private async ValueTask<byte[]?> FindOtherAsync(StoredObject found, ObjectData.Inline inline, bool verify, CancellationToken cancellationToken) =>
        store is IRowRepair repair
            ? await repair.RepairAsync(Tables.InlineDataKey(inline.Row), value => value is not null && Wrong(found, inline, verify, value) is null, cancellationToken)
            : null;

    /// <summary>Compares bytes that have no checksum of their own, because an earlier build stored them, with what the object's record knows.</summary>
    private static bool Matches(StoredObject found, ReadOnlySpan<byte> bytes)
    {
        using var known = KnownDigest.Of(found);
        known.Append(bytes);
        return known.Matches();
    }
}
