using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Playwright;

namespace Tarn.EndToEnd.Console.Harness;

/// <summary>A session of the console, and the proof by which its page is known.</summary>
public sealed record PageSession(Cookie Cookie, string Proof)
{
    /// <summary>A proof, as a page makes one before it signs in.</summary>
    public static string NewProof() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>What a browser keeps that has signed in: a state of contexts of Playwright.</summary>
    public string Kept()
    {
        var at = new Uri(Cookie.Url!);
        return JsonSerializer.Serialize(new
        {
            cookies = new[] { new { name = Cookie.Name, value = Cookie.Value, domain = at.Host, path = "/", expires = -1, httpOnly = true, secure = false, sameSite = "Strict" } },
            origins = new[] { new { origin = at.GetLeftPart(UriPartial.Authority), localStorage = new[] { new { name = "tarn-proof", value = Proof } } } },
        });
    }
}
