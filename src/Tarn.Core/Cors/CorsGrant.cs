namespace Tarn.Core.Cors;

/// <summary>A rule that allows a request.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Origin">The origin that it allows; null when it allows every origin (<c>*</c>), without credentials.</param>
public sealed record CorsGrant(CorsRule Rule, string? Origin);
