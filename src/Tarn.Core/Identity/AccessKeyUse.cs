using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>When an access key was last used, and from where.</summary>
/// <param name="Time">The beginning of the minute.</param>
/// <param name="Address">The address of the client that used it first in that minute, behind trusted proxies the one that they name; null when it is not known.</param>
public sealed record AccessKeyUse(DateTimeOffset Time, string? Address)
{
    private const byte Marker = 1;

    internal byte[] Encode() => new RecordWriter(Marker)
        .Number(1, Time.ToUnixTimeMilliseconds())
        .Text(2, Address)
        .ToArray();

    internal static AccessKeyUse Decode(ReadOnlySpan<byte> bytes)
    {
        long time = 0;
        string? address = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: time = reader.Signed; break;
                case 2: address = reader.Text; break;
            }
        }

        return new AccessKeyUse(IdentityTime.FromStored(time), address);
    }
}
