using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Scrubbing;

/// <summary>Reads rows page by page, also past a place where the metadata store is damaged.</summary>
internal sealed class RowPages(IKeyValueStore store, ScrubProgress progress, ScrubPace pace, ScrubOptions options, TimeProvider clock)
{
    /// <summary>How often a byte of a key is raised before the one in front of it is.</summary>
    private const int Steps = 16;

    /// <summary>Reads the next rows.</summary>
    /// <returns>The rows, and the key from which to go on; null at the end.</returns>
    public async ValueTask<(IReadOnlyList<KeyValueEntry> Rows, byte[]? Next)> ReadAsync(byte[] from, byte[] end, CancellationToken cancellationToken)
    {
        int limit = options.Page;
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await ScanAsync(from, end, limit, cancellationToken);
            }
            catch (Exception e) when (BlobScrub.IsUnreadable(e))
            {
                if (attempt >= BlobScrub.Attempts && limit == 1)
                {
                    return await PassAsync(from, end, e, cancellationToken);
                }

                // The rows before the damaged place can be read in smaller pages.
                limit = attempt < BlobScrub.Attempts ? limit : Math.Max(1, limit / 4);
            }

            if (attempt < BlobScrub.Attempts)
            {
                await Task.Delay(options.RetryDelay, clock, cancellationToken);
            }
        }
    }

    /// <summary>Looks for the first key behind a damaged place from which can be read: behind all that begin like this one, in ever more of their bytes.</summary>
    private async ValueTask<(IReadOnlyList<KeyValueEntry> Rows, byte[]? Next)> PassAsync(byte[] from, byte[] end, Exception failure, CancellationToken cancellationToken)
    {
        progress.Failed($"Rows from {Tables.Describe(from)} on cannot be read: {failure.Message}");
        for (int length = from.Length; length > 0; length--)
        {
            byte[] next = from[..length];
            for (int step = 0; step < Steps && next.Length == length && next[^1] < 0xFF; step++)
            {
                next = KeyCodec.PrefixEnd(next);
                if (next.AsSpan().SequenceCompareTo(end) >= 0)
                {
                    return ([], null);
                }

                try
                {
                    return await ScanAsync(next, end, 1, cancellationToken);
                }
                catch (Exception e) when (BlobScrub.IsUnreadable(e))
                {
                    // Further on.
                }
            }
        }

        return ([], null);
    }

    private async ValueTask<(IReadOnlyList<KeyValueEntry> Rows, byte[]? Next)> ScanAsync(byte[] from, byte[] end, int limit, CancellationToken cancellationToken)
    {
        await pace.WaitAsync(0, 1, cancellationToken);
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(from, end, limit, reverse: false, cancellationToken);
        return (rows, rows.Count < limit ? null : [.. rows[^1].Key, 0]);
    }
}
