using Tarn.Core.Blobs.Layout;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;

namespace Tarn.Core.Objects.Reading;

/// <summary>Reports damage of an object's data; what a report needs is built only when there is something to report.</summary>
internal sealed class ObjectDamage(DamageList list, StoredObject found) : IDamageSink
{
    /// <inheritdoc/>
    public ValueTask<Exception> ReportAsync(DamagedDataException damage) => new DamageReport(list, DataHolder.Of(found)).ReportAsync(damage);

    /// <inheritdoc/>
    public ValueTask VerifiedAsync(Id128 data, long start, long end) => list.VerifiedAsync(data, start, end);
}
