using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>The persisted form of the server's root key when it was generated: a configured one is not stored.</summary>
internal sealed record RootKeyRecord(string AccessKeyId, byte[] ProtectedSecret)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Text(1, AccessKeyId).Bytes(2, ProtectedSecret).ToArray();

    public static RootKeyRecord Decode(ReadOnlySpan<byte> bytes)
    {
        string id = "";
        byte[] secret = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: secret = reader.Bytes.ToArray(); break;
            }
        }

        return new RootKeyRecord(id, secret);
    }
}
