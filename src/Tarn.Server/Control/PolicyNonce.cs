using Tarn.Core;

namespace Tarn.Server.Control;

/// <summary>Nonces of content security policies: 128 random bits, one for each page that is sent. Source: Content Security Policy Level 3, section 7.1.</summary>
internal static class PolicyNonce
{
    /// <summary>A new one, in Base64.</summary>
    /// <param name="random">Makes it.</param>
    public static string Create(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        return Convert.ToBase64String(bytes);
    }
}
