using System.Buffers.Text;
using System.Security.Cryptography;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>
/// Where a plan goes on, sealed (AES-256-GCM), so that only the store can make or read one: the object's row as it was read, so that it is the same version whatever the key names by then.
/// </summary>
/// <param name="Found">The object.</param>
/// <param name="Start">The first byte of what is left.</param>
/// <param name="End">The byte after the last.</param>
/// <param name="Zone">The zone whose accelerators may use it.</param>
/// <param name="Expires">When it expires, Unix seconds.</param>
internal sealed record Continuation(StoredObject Found, long Start, long End, string Zone, long Expires)
{
    private const byte Marker = 1;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    /// <summary>The sealed text; null when the object's row is too large for one.</summary>
    public string? Seal(ReadOnlySpan<byte> key, IRandomSource random)
    {
        byte[] plain = new RecordWriter(Marker)
            .Number(1, Start).Number(2, End).Text(3, Zone).Number(4, Expires).Bytes(5, Found.Key.Utf8).Bytes(6, Found.Row).Bytes(7, Found.Bytes)
            .ToArray();
        byte[] whole = new byte[NonceSize + TagSize + plain.Length];
        if (Base64Url.GetEncodedLength(whole.Length) > ReadPlan.MaxContinuation)
        {
            return null;
        }

        random.Fill(whole.AsSpan(0, NonceSize));
        using var aes = new AesGcm(key, TagSize);
        aes.Encrypt(whole.AsSpan(0, NonceSize), plain, whole.AsSpan(NonceSize + TagSize), whole.AsSpan(NonceSize, TagSize));
        return Base64Url.EncodeToString(whole);
    }

    /// <summary>Opens a text; null when it is not one of the store's.</summary>
    public static Continuation? Open(ReadOnlySpan<char> text, ReadOnlySpan<byte> key)
    {
        if (text.Length is 0 or > ReadPlan.MaxContinuation || !Base64Url.IsValid(text))
        {
            return null;
        }

        byte[] whole = Base64Url.DecodeFromChars(text);
        if (whole.Length <= NonceSize + TagSize)
        {
            return null;
        }

        byte[] plain = new byte[whole.Length - NonceSize - TagSize];
        try
        {
            using var aes = new AesGcm(key, TagSize);
            aes.Decrypt(whole.AsSpan(0, NonceSize), whole.AsSpan(NonceSize + TagSize), whole.AsSpan(NonceSize, TagSize), plain);
        }
        catch (CryptographicException)
        {
            return null;
        }

        return Decode(plain);
    }

    private static Continuation Decode(byte[] plain)
    {
        long start = 0, end = 0, expires = 0;
        string zone = "";
        byte[] key = [], row = [], bytes = [];
        var reader = new RecordReader(plain, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: start = reader.Signed; break;
                case 2: end = reader.Signed; break;
                case 3: zone = reader.Text; break;
                case 4: expires = reader.Signed; break;
                case 5: key = reader.Bytes.ToArray(); break;
                case 6: row = reader.Bytes.ToArray(); break;
                case 7: bytes = reader.Bytes.ToArray(); break;
            }
        }

        return new Continuation(new StoredObject(ObjectKey.FromUtf8(key), row, bytes), start, end, zone, expires);
    }
}
