using System.Security.Cryptography;
using System.Text;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>
/// The ring of keys that secrets are encrypted with, in the key-value store, so that all nodes share it. Each key is a text
/// (an XML element) encrypted with the master key, which is not in the store: AES-256-GCM with the key's name as associated data.
/// </summary>
public sealed class KeyRingRows(IKeyValueStore store, MasterKey master, IRandomSource random)
{
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // A key is created every three months.
    private const int MaxKeys = 10_000;

    /// <summary>The id of the master key that the store's ring is encrypted with; null when there is no ring yet.</summary>
    public static async ValueTask<string?> MasterKeyIdAsync(IKeyValueReader store, CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.KeyRingKey("");
        IReadOnlyList<KeyValueEntry> rows = await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), 1, reverse: false, cancellationToken);
        return rows.Count == 0 ? null : Rows.Decode(rows[0].Key, rows[0].Value, KeyRingRecord.Decode).MasterKeyId;
    }

    /// <summary>All keys, decrypted.</summary>
    /// <exception cref="SecretUnreadableException">One of them does not decrypt with this master key.</exception>
    public async ValueTask<IReadOnlyList<string>> ReadAsync(CancellationToken cancellationToken)
    {
        byte[] prefix = Tables.KeyRingKey("");
        var keys = new List<string>();
        IReadOnlyList<KeyValueEntry> rows =
            await store.ScanAsync(prefix, KeyCodec.PrefixEnd(prefix), MaxKeys, reverse: false, cancellationToken);
        foreach (KeyValueEntry row in rows)
        {
            keys.Add(Open(row.Key.AsSpan(prefix.Length), Rows.Decode(row.Key, row.Value, KeyRingRecord.Decode)));
        }

        return keys;
    }

    /// <summary>Adds a key, or replaces the one of that name.</summary>
    public async ValueTask StoreAsync(string name, string text, CancellationToken cancellationToken)
    {
        byte[] plain = Encoding.UTF8.GetBytes(text);
        byte[] content = new byte[NonceSize + TagSize + plain.Length];
        random.Fill(content.AsSpan(0, NonceSize));
        using var aes = new AesGcm(master.Key, TagSize);
        aes.Encrypt(
            content.AsSpan(0, NonceSize),
            plain,
            content.AsSpan(NonceSize + TagSize),
            content.AsSpan(NonceSize, TagSize),
            Encoding.UTF8.GetBytes(name));
        var record = new KeyRingRecord(master.Id, content);
        await store.CommitAsync(new KeyValueBatch().Put(Tables.KeyRingKey(name), record.Encode()), cancellationToken);
    }

    private string Open(ReadOnlySpan<byte> name, KeyRingRecord record)
    {
        ReadOnlySpan<byte> content = record.Sealed;
        if (record.MasterKeyId != master.Id || content.Length < NonceSize + TagSize)
        {
            throw new SecretUnreadableException("A key of the ring was encrypted with another master key.");
        }

        byte[] plain = new byte[content.Length - NonceSize - TagSize];
        try
        {
            using var aes = new AesGcm(master.Key, TagSize);
            aes.Decrypt(content[..NonceSize], content[(NonceSize + TagSize)..], content.Slice(NonceSize, TagSize), plain, name);
        }
        catch (CryptographicException e)
        {
            throw new SecretUnreadableException("A key of the ring is damaged.", e);
        }

        return Encoding.UTF8.GetString(plain);
    }
}
