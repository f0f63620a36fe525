using System.Buffers;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Objects.Integrity;

namespace Tarn.Core.Objects.Reading;

/// <summary>
/// Looks whether data on the list of damage is right by now, and takes it off the list: a file system was mounted again, a file was brought back, or
/// what was wrong was in memory only.
/// </summary>
public sealed class DamageRecheck
{
    /// <summary>Bytes that a request which only describes or shares data may read for this.</summary>
    internal const long InRequest = 4L << 20;

    private const int BufferSize = 256 << 10;

    private readonly CheckedBlobs _blobs;
    private readonly DamageList _damage;

    internal DamageRecheck(CheckedBlobs blobs, DamageList damage) => (_blobs, _damage) = (blobs, damage);

    /// <summary>Looks at all blobs on the list, and forgets the objects that no longer have damaged data.</summary>
    public async Task RunOnceAsync(Action<IOException> failed, CancellationToken cancellationToken)
    {
        await _damage.LoadAsync(cancellationToken);
        await foreach (DamagedObject damaged in _damage.ListAsync(cancellationToken))
        {
            try
            {
                await IsSoundAsync(new BlobId(damaged.Data), end: 0, stored: 0, canStat: false, long.MaxValue, cancellationToken);
            }
            catch (IOException e)
            {
                failed(e);
            }
        }
    }

    /// <summary>Whether a blob on the list is right now; if so it is no longer on the list.</summary>
    /// <param name="id">The blob.</param>
    /// <param name="end">Bytes of payload that the blob has at least.</param>
    /// <param name="stored">Bytes of the whole blob; 0 if not known.</param>
    /// <param name="canStat">Whether what is known of the length tells that it is right.</param>
    /// <param name="most">Bytes that may be read; where more would have to be, the blob stays on the list.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    internal async ValueTask<bool> IsSoundAsync(BlobId id, long end, long stored, bool canStat, long most, CancellationToken cancellationToken)
    {
        if (_damage.Find(id.Value) is not { } known)
        {
            return true;
        }

        if (await _blobs.FindDamageAsync(id, end, stored, cancellationToken) is not null
            || ((known.NeedsRead || !canStat) && !await IsReadableAsync(id, end, stored, known.Range, most, cancellationToken)))
        {
            return false;
        }

        await _damage.DropIfAsync(id.Value, known);
        return true;
    }

    private async ValueTask<bool> IsReadableAsync(BlobId id, long end, long stored, DamageRange range, long most, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            await using CheckedBlob? blob = await _blobs.OpenAsync(id, end, stored, QuietDamageSink.Instance, always: true, cancellationToken);
            if (blob is not { IsVerified: true })
            {
                return false;
            }

            long to = Math.Min(range.End, blob.PayloadLength);
            if (to - range.Offset > most)
            {
                return false;
            }

            for (long at = range.Offset; at < to;)
            {
                at += await blob.ReadAsync(at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, to - at)), cancellationToken);
            }

            return true;
        }
        catch (DamagedDataException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
