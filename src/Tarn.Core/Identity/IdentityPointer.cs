using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>The value of the rows that keep a canonical id, an e-mail address or a user id unique: its holder.</summary>
/// <param name="Organization">The organization.</param>
/// <param name="User">The user; null when it is the organization itself.</param>
internal sealed record IdentityPointer(string Organization, string? User = null)
{
    private const byte Marker = 1;

    public byte[] Encode() => new RecordWriter(Marker).Text(1, Organization).Text(2, User).ToArray();

    public static IdentityPointer Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "";
        string? user = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: user = reader.Text; break;
            }
        }

        return new IdentityPointer(organization, user);
    }
}
