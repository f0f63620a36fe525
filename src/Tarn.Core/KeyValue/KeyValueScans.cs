using System.Runtime.CompilerServices;

namespace Tarn.Core.KeyValue;

/// <summary>Reads ranges of rows page by page.</summary>
internal static class KeyValueScans
{
    /// <summary>All rows of a range in order. They are not one snapshot: each page is as the rows are when it is read.</summary>
    /// <param name="store">The store.</param>
    /// <param name="from">The first key.</param>
    /// <param name="to">Behind the last key.</param>
    /// <param name="page">Rows per read.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public static async IAsyncEnumerable<KeyValueEntry> AllAsync(
        this IKeyValueReader store, byte[] from, byte[] to, int page, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, to, page, reverse: false, cancellationToken);
            foreach (KeyValueEntry row in rows)
            {
                yield return row;
            }

            if (rows.Count < page)
            {
                yield break;
            }

            from = [.. rows[^1].Key, 0];
        }
    }
}
