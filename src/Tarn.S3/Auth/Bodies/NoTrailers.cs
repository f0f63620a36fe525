using System.Collections.Frozen;

namespace Tarn.S3.Auth.Bodies;

/// <summary>The trailers of a body that has none.</summary>
internal static class NoTrailers
{
    public static readonly IReadOnlyDictionary<string, string> Instance = FrozenDictionary<string, string>.Empty;
}
