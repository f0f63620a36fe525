namespace Tarn.Core.Blobs.Layout;

/// <summary>Is told of damage that a read found, before the read fails.</summary>
internal interface IDamageSink
{
    /// <summary>Notes the damage.</summary>
    /// <returns>The exception with which the read fails: the same one, or another if it turns out not to be damage.</returns>
    ValueTask<Exception> ReportAsync(DamagedDataException found);
}
