namespace Tarn.Core.Cors;

/// <summary>A rule that lets a request in.</summary>
/// <param name="Rule">The rule.</param>
/// <param name="Origin">The origin that it lets in; null when it lets in every origin alike (<c>*</c>), and then without credentials.</param>
public sealed record CorsGrant(CorsRule Rule, string? Origin);
