using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>The persisted form of <see cref="AcceleratorSecrets"/>, encrypted with the key ring.</summary>
internal sealed record AcceleratorSecretsRecord(byte[] Protected)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Bytes(1, Protected).ToArray();

    public static AcceleratorSecretsRecord Decode(ReadOnlySpan<byte> bytes)
    {
        byte[] secrets = [];
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                secrets = reader.Bytes.ToArray();
            }
        }

        return new AcceleratorSecretsRecord(secrets);
    }
}
