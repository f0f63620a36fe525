using Tarn.Core.Model;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Takes no note of damage: for who looks again at damage that is known, and decides himself what follows.</summary>
internal sealed class QuietDamageSink : IDamageSink
{
    /// <summary>The only instance.</summary>
    public static QuietDamageSink Instance { get; } = new();

    public ValueTask<Exception> ReportAsync(DamagedDataException found) => ValueTask.FromResult<Exception>(found);

    public ValueTask VerifiedAsync(Id128 data, long start, long end) => default;
}
