namespace Tarn.Core.Identity;

/// <summary>Random ids and secrets as text.</summary>
public static class RandomText
{
    /// <summary>Upper-case letters and digits.</summary>
    public const string UpperAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    /// <summary>Letters of both cases and digits.</summary>
    public const string Alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

    /// <summary>An access key id, 20 characters as AWS's have.</summary>
    public static string AccessKeyId(IRandomSource random) => Pick(random, UpperAlphanumeric, 20);

    /// <summary>A secret of 40 characters: 238 bits.</summary>
    public static string Secret(IRandomSource random) => Pick(random, Alphanumeric, 40);

    /// <summary>A canonical user id: 64 lower-case hex digits.</summary>
    public static string CanonicalId(IRandomSource random)
    {
        Span<byte> bytes = stackalloc byte[32];
        random.Fill(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    // Bytes past the last whole multiple of the alphabet are discarded, so that every character is equally likely.
    internal static string Pick(IRandomSource random, string alphabet, int length)
    {
        Span<char> text = stackalloc char[length];
        Span<byte> one = stackalloc byte[1];
        int limit = 256 - (256 % alphabet.Length);
        for (int i = 0; i < length;)
        {
            random.Fill(one);
            if (one[0] < limit)
            {
                text[i++] = alphabet[one[0] % alphabet.Length];
            }
        }

        return new string(text);
    }
}
