namespace Tarn.Core.KeyValue;

/// <summary>The outcome of one attempt of an <see cref="OptimisticTransaction"/>. Create it with <see cref="Decision"/>.</summary>
/// <param name="Batch">What to commit, with checks of everything that the decision is based on; null for nothing.</param>
/// <param name="Result">What the transaction returns once the batch is committed, or at once when there is none.</param>
/// <param name="IsStale">Whether nothing could be decided because what was read changed during the attempt.</param>
internal readonly record struct Decision<T>(KeyValueBatch? Batch, T Result, bool IsStale)
{
    /// <summary>
    /// Another row that the attempt checks and that others may change often, such as the source of a copy. After a conflict, the
    /// attempts queue for this row as well.
    /// </summary>
    public byte[]? AlsoContended { get; init; }
}

/// <summary>Creates decisions, inferring their type.</summary>
internal static class Decision
{
    /// <summary>Commit the batch and return the result, or decide again if a check of the batch fails.</summary>
    public static Decision<T> Commit<T>(KeyValueBatch batch, T result) => new(batch, result, IsStale: false);

    /// <summary>Return the result; there is nothing to commit.</summary>
    public static Decision<T> Done<T>(T result) => new(null, result, IsStale: false);

    /// <summary>Read and decide again: what was read changed in between.</summary>
    public static Decision<T> Stale<T>() => new(null, default!, IsStale: true);
}
