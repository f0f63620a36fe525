using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Ownership;

/// <summary>Finds the rows of holders that share data. docs/design/reclaim.md.</summary>
internal static class BlobReferences
{
    /// <summary>Whether any object or part shares a blob or a manifest; its sole holder has no such row.</summary>
    public static async ValueTask<bool> HasReferenceAsync(this IKeyValueReader store, Id128 data, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.BlobReferencePrefix(data);
        return (await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 1, reverse: false, cancellationToken)).Count > 0;
    }
}
