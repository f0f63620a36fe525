using System.Security.Cryptography;
using System.Text;

namespace Tarn.Core.Identity;

/// <summary>The key that encrypts the key ring. It is derived from a text that the operator keeps outside the store.</summary>
public sealed class MasterKey
{
    /// <summary>Shortest text, in characters.</summary>
    public const int MinLength = 32;

    private MasterKey(byte[] key, string id)
    {
        Key = key;
        Id = id;
    }

    /// <summary>Identifies the key without revealing it, so that data encrypted with another key is detected.</summary>
    public string Id { get; }

    internal byte[] Key { get; }

    /// <summary>
    /// Derives the key (HKDF-SHA-256, RFC 5869) from a text of at least <see cref="MinLength"/> characters; null when it is shorter.
    /// </summary>
    public static MasterKey? From(string text)
    {
        if (text.Length < MinLength)
        {
            return null;
        }

        byte[] material = Encoding.UTF8.GetBytes(text);
        byte[] key = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, 32, info: "tarn master key 1"u8.ToArray());
        byte[] id = HKDF.DeriveKey(HashAlgorithmName.SHA256, material, 8, info: "tarn master key id 1"u8.ToArray());
        return new MasterKey(key, Convert.ToHexStringLower(id));
    }

    /// <summary>A new text: 256 bits.</summary>
    public static string NewText(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[32];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The id, never the key.</summary>
    public override string ToString() => Id;
}
