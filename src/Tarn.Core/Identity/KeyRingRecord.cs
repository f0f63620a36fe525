using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>One key of the ring that secrets are encrypted with, itself encrypted with the master key.</summary>
/// <param name="MasterKeyId">Identifies the master key, so that a wrong one is detected before anything is decrypted.</param>
/// <param name="Sealed">AES-256-GCM: nonce (12 bytes), tag (16), ciphertext; the key's name is the associated data.</param>
internal sealed record KeyRingRecord(string MasterKeyId, byte[] Sealed)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Text(1, MasterKeyId).Bytes(2, Sealed).ToArray();

    public static KeyRingRecord Decode(ReadOnlySpan<byte> bytes)
    {
        string master = "";
        byte[] content = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: master = reader.Text; break;
                case 2: content = reader.Bytes.ToArray(); break;
            }
        }

        return new KeyRingRecord(master, content);
    }
}
