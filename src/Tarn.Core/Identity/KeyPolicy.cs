namespace Tarn.Core.Identity;

/// <summary>
/// The policy of an access key: its requests may do what its user may do and the policy allows. Evaluated by <c>Tarn.Core.Access</c> for every request. It never changes.
/// A class, compared by reference: whoever compiles it keeps the result with the instance, which lives as long as the cached credential.
/// </summary>
/// <param name="document">The document, as <c>Tarn.Core.Policy</c> reads it.</param>
public sealed class KeyPolicy(string document)
{
    /// <summary>JSON text.</summary>
    public string Document { get; } = document;
}
