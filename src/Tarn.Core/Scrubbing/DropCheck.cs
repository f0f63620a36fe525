using System.Buffers;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;

namespace Tarn.Core.Scrubbing;

/// <summary>
/// Reads, before an object or a part is dropped, exactly the bytes that it has, from the device, and compares them with what its record knows of them. That other bytes of
/// the same blob are damaged, or that nothing is known of the bytes, is no reason to delete them.
/// </summary>
internal sealed class DropCheck(CheckedBlobs blobs, DamageList damage)
{
    private const int BufferSize = 1 << 20;

    private readonly Dictionary<Id128, KnownDamage> _listed = [];
    private readonly List<Id128> _wrong = [];

    /// <summary>The data that was looked at and that is on the list of damage.</summary>
    public IEnumerable<Id128> Listed => _listed.Keys;

    /// <summary>Whether what was found damaged, and was listed, is on the list still: a scrub may have written it anew since.</summary>
    public bool IsStillListed => _wrong.TrueForAll(data => damage.Find(data) is not null);

    /// <summary>Remembers a piece of data if it is on the list.</summary>
    /// <returns>Whether it is.</returns>
    public bool IsListed(Id128 data)
    {
        if (damage.Find(data) is not { } known)
        {
            return false;
        }

        _listed[data] = known;
        return true;
    }

    /// <summary>Takes a piece of data off the list that was found right, unless more is known of its damage by now.</summary>
    public ValueTask RightAsync(Id128 data) => _listed.TryGetValue(data, out KnownDamage known) ? damage.DropIfAsync(data, known) : default;

    /// <summary>Whether bytes are damaged; always false for those of which no damage is listed, unless <paramref name="always"/>.</summary>
    /// <param name="extents">The bytes.</param>
    /// <param name="known">What the record knows of exactly these.</param>
    /// <param name="whole">What it knows of these and others, fed in order; null: nothing.</param>
    /// <param name="always">Whether they are read whatever the list says.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<bool> IsDamagedAsync(
        IReadOnlyList<Extent> extents, KnownDigest known, KnownDigest? whole, bool always, CancellationToken cancellationToken)
    {
        bool isListed = always;
        foreach (Extent extent in extents)
        {
            isListed |= IsListed(extent.Blob.Value) && damage.Contains(extent.Blob.Value, extent.Offset, extent.Length);
        }

        if (!isListed)
        {
            return false;
        }

        var right = new List<Id128>();
        foreach (Extent extent in extents)
        {
            if (await ReadAsync(extent, known, whole, cancellationToken) is not { } payload)
            {
                if (_listed.ContainsKey(extent.Blob.Value))
                {
                    _wrong.Add(extent.Blob.Value);
                }

                return true;
            }

            // Other bytes of the blob may still be damaged.
            if (_listed.TryGetValue(extent.Blob.Value, out KnownDamage listed) && listed.Range != DamageRange.Tail && extent.Offset <= listed.Range.Offset && extent.End >= Math.Min(listed.Range.End, payload))
            {
                right.Add(extent.Blob.Value);
            }
        }

        if (!known.Matches())
        {
            return true;
        }

        foreach (Id128 data in right)
        {
            await RightAsync(data);
        }

        return false;
    }

    /// <summary>Feeds a run of a blob, as the device has it, to the digests; returns the length of the blob's payload, or null when the run is damaged.</summary>
    private async ValueTask<long?> ReadAsync(Extent extent, KnownDigest known, KnownDigest? whole, CancellationToken cancellationToken)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            // Looked for first: one that was set aside comes back then.
            if (await blobs.FindDamageAsync(extent.Blob, extent.End, extent.Stored, cancellationToken) is not null)
            {
                return null;
            }

            await using CheckedBlob? blob = await blobs.OpenOnDeviceAsync(extent.Blob, extent.End, extent.Stored, QuietDamageSink.Instance, cancellationToken);
            if (blob is null)
            {
                return null;
            }

            for (long at = extent.Offset; at < extent.End;)
            {
                int read = await blob.ReadAsync(at, buffer.AsMemory(0, (int)Math.Min(buffer.Length, extent.End - at)), cancellationToken);
                known.Append(buffer.AsSpan(0, read));
                whole?.Append(buffer.AsSpan(0, read));
                at += read > 0 ? read : throw new IOException($"Blob {extent.Blob} ends at byte {at}.");
            }

            return blob.PayloadLength;
        }
        catch (DamagedDataException)
        {
            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
