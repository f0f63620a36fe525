using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>Owns buckets; the counterpart of an AWS account. Its root user may do everything with what it owns.</summary>
public sealed record Organization
{
    private const byte Marker = 1;

    /// <summary>Its id, which never changes: <see cref="IdentityRules.Name"/>. What policies and ARNs call it.</summary>
    public required string Name { get; init; }

    /// <summary>64 lower-case hex digits: the owner of buckets and objects, the grantee of ACLs. Unique.</summary>
    public required string CanonicalId { get; init; }

    /// <summary>What listings and ACLs show beside the canonical id.</summary>
    public required string DisplayName { get; init; }

    /// <summary>
    /// An ACL may name it by this e-mail address; null when it has none. Unique among organizations and users, whatever the case of its letters.
    /// </summary>
    public string? Email { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>Counts changes within the organization, so that its deletion misses none of them.</summary>
    internal ulong Generation { get; init; }

    /// <summary><c>arn:aws:iam::NAME:root</c>.</summary>
    public string Arn => $"arn:aws:iam::{Name}:root";

    internal byte[] Encode() => new RecordWriter(Marker)
        .Text(1, Name)
        .Text(2, CanonicalId)
        .Text(3, DisplayName)
        .Text(4, Email)
        .Number(5, Created.ToUnixTimeMilliseconds())
        .Number(6, Generation)
        .ToArray();

    internal static Organization Decode(ReadOnlySpan<byte> bytes)
    {
        string name = "", canonicalId = "", displayName = "";
        string? email = null;
        long created = 0;
        ulong generation = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: name = reader.Text; break;
                case 2: canonicalId = reader.Text; break;
                case 3: displayName = reader.Text; break;
                case 4: email = reader.Text; break;
                case 5: created = reader.Signed; break;
                case 6: generation = reader.Number; break;
            }
        }

        return new Organization
        {
            Name = name,
            CanonicalId = canonicalId,
            DisplayName = displayName,
            Email = email,
            Created = IdentityTime.FromStored(created),
            Generation = generation,
        };
    }
}
