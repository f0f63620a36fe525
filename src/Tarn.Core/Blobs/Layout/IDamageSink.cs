using Tarn.Core.Model;

namespace Tarn.Core.Blobs.Layout;

/// <summary>Is told of damage that a read found, before the read fails.</summary>
internal interface IDamageSink
{
    /// <summary>Notes the damage.</summary>
    /// <returns>The exception with which the read fails: the same one, or another if it turns out not to be damage.</returns>
    ValueTask<Exception> ReportAsync(DamagedDataException found);

    /// <summary>Is told that a run of bytes was read and is what was stored, which may be the end of damage that was found before.</summary>
    /// <param name="data">The blob.</param>
    /// <param name="start">The first byte.</param>
    /// <param name="end">The byte after the last; <see cref="long.MaxValue"/> at the end of the payload.</param>
    ValueTask VerifiedAsync(Id128 data, long start, long end);
}
