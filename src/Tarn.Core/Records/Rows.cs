using Tarn.Core.KeyValue;

namespace Tarn.Core.Records;

/// <summary>Decodes the values of rows. One that does not decode is reported with its table and key: the record itself does not say whose it is.</summary>
internal static class Rows
{
    /// <summary>Decodes the value of the row under <paramref name="key"/>.</summary>
    /// <exception cref="RecordFormatException">The value is damaged, or was written by a newer build.</exception>
    public static T Decode<T>(byte[] key, ReadOnlySpan<byte> value, RecordDecoder<T> decode)
    {
        try
        {
            return decode(value);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw Damaged(key, e);
        }
    }

    /// <summary>Decodes the value of a row; null when it is damaged.</summary>
    /// <exception cref="RecordFormatException">A newer build wrote the value, and can read it.</exception>
    public static T? TryDecode<T>(byte[] key, byte[] value, RecordDecoder<T> decode)
        where T : class
    {
        try
        {
            return Decode(key, value, decode);
        }
        catch (RecordFormatException e) when (!e.IsNewer)
        {
            return null;
        }
    }

    /// <summary>Reads and decodes a row; null when there is none.</summary>
    /// <exception cref="RecordFormatException">The value is damaged, or was written by a newer build.</exception>
    public static async ValueTask<T?> FindAsync<T>(IKeyValueReader store, byte[] key, RecordDecoder<T> decode, CancellationToken cancellationToken)
        where T : class =>
        await store.GetAsync(key, cancellationToken) is { } value ? Decode(key, value, decode) : null;

    /// <summary>Creates the exception for a row whose value does not decode, whatever the decoder made of its bytes.</summary>
    public static RecordFormatException Damaged(byte[] key, Exception cause) => new($"The row {Tables.Describe(key)} does not decode: {cause.Message}", cause);
}

/// <summary>Decodes a record.</summary>
internal delegate T RecordDecoder<out T>(ReadOnlySpan<byte> record);
