namespace Tarn.Core.Policy;

/// <summary>
/// Supplies a request's values for condition keys. Called only for keys that a statement names, possibly several times for the same key.
/// </summary>
public interface IConditionSource
{
    /// <summary>The value, or <c>default</c> when the request does not carry the key. A header sent empty is an empty text, not absent.</summary>
    /// <param name="key">Never a key that is answered from the principal, nor <see cref="ConditionKey.EpochTime"/>.</param>
    /// <param name="tagKey">The tag's key for <see cref="ConditionKey.ExistingObjectTag"/> and <see cref="ConditionKey.RequestObjectTag"/>; else null.</param>
    ConditionValue Get(ConditionKey key, string? tagKey);
}

/// <summary>A source without values, for a request of which only the principal is known.</summary>
public sealed class NoConditions : IConditionSource
{
    /// <summary>The only instance; it has no state.</summary>
    public static readonly NoConditions Instance = new();

    /// <inheritdoc/>
    public ConditionValue Get(ConditionKey key, string? tagKey) => default;
}
