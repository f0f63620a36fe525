using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;

namespace Tarn.Core.Objects.Integrity;

/// <summary>Puts what a read of one holder's data finds on the list of damage.</summary>
internal sealed class DamageReport(DamageList list, DataHolder holder) : IDamageSink
{
    /// <inheritdoc/>
    public async ValueTask<Exception> ReportAsync(DamagedDataException found)
    {
        // Data that was released while it was read, and has been reclaimed since, is not lost.
        if (found.Kind == DamageKind.Missing && await IsReplacedAsync())
        {
            return new IOException($"The object was replaced while it was read: {found.Message}", found);
        }

        BlobReadErrors.Count();
        await list.AddAsync(holder, found);
        return found;
    }

    /// <inheritdoc/>
    public ValueTask VerifiedAsync(Id128 data, long start, long end) => list.VerifiedAsync(data, start, end);

    /// <summary>Whether the holder was changed or removed since it was looked up.</summary>
    public ValueTask<bool> IsReplacedAsync() => list.IsReplacedAsync(holder);
}
