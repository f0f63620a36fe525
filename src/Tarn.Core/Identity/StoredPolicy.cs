using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>An access policy of an organization as it was put: its document is evaluated by <c>Tarn.Core.Policy</c>.</summary>
public sealed record StoredPolicy
{
    private const byte Marker = 1;

    /// <summary>The name of the organization that owns the policy.</summary>
    public required string Organization { get; init; }

    /// <summary>Unique in the organization.</summary>
    public required string Name { get; init; }

    /// <summary>JSON text.</summary>
    public required string Document { get; init; }

    /// <summary>When it was first put, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it was last put, to the second.</summary>
    public required DateTimeOffset Updated { get; init; }

    internal byte[] Encode() => new RecordWriter(Marker)
        .Text(1, Organization)
        .Text(2, Name)
        .Text(3, Document)
        .Number(4, Created.ToUnixTimeMilliseconds())
        .Number(5, Updated.ToUnixTimeMilliseconds())
        .ToArray();

    internal static StoredPolicy Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "", name = "", document = "";
        long created = 0, updated = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: name = reader.Text; break;
                case 3: document = reader.Text; break;
                case 4: created = reader.Signed; break;
                case 5: updated = reader.Signed; break;
            }
        }

        return new StoredPolicy
        {
            Organization = organization,
            Name = name,
            Document = document,
            Created = IdentityTime.FromStored(created),
            Updated = IdentityTime.FromStored(updated),
        };
    }
}
