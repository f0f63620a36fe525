namespace Tarn.Core.Policy;

/// <summary>
/// A request's side of conditions. Asked only for keys that a statement under consideration names, and possibly several times for one.
/// </summary>
public interface IConditionSource
{
    /// <summary>The value, or <c>default</c> when the request does not carry the key. A header sent empty is an empty text, not absent.</summary>
    /// <param name="key">Never one of those that the principal answers, nor <see cref="ConditionKey.EpochTime"/>.</param>
    /// <param name="tagKey">The tag's key for <see cref="ConditionKey.ExistingObjectTag"/> and <see cref="ConditionKey.RequestObjectTag"/>; else null.</param>
    ConditionValue Get(ConditionKey key, string? tagKey);
}

/// <summary>A request of which only the principal is known.</summary>
public sealed class NoConditions : IConditionSource
{
    /// <summary>The only instance; it has no state.</summary>
    public static readonly NoConditions Instance = new();

    /// <inheritdoc/>
    public ConditionValue Get(ConditionKey key, string? tagKey) => default;
}
