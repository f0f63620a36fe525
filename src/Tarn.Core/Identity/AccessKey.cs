using Tarn.Core.Records;

namespace Tarn.Core.Identity;

/// <summary>An access key without its secret, which is shown once and then only ever decrypted to verify a signature.</summary>
public sealed record AccessKey
{
    private const byte Marker = 1;

    /// <summary>Unique on the server.</summary>
    public required string Id { get; init; }

    /// <summary>The name of the organization that owns the key.</summary>
    public required string Organization { get; init; }

    /// <summary>The user that it authenticates; null for the organization's root user.</summary>
    public string? User { get; init; }

    /// <summary>When it was created, to the second.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>When it last got another secret, to the second; null: it has its first one.</summary>
    public DateTimeOffset? Rotated { get; init; }

    /// <summary>When it expires; null: never.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>The only disk that it gives access to; null for a key of object buckets.</summary>
    public string? DiskScope { get; init; }

    /// <summary>The document of its policy, which limits what it may do of what its user may; null: it has none.</summary>
    public string? Policy { get; init; }

    /// <summary>The secret, encrypted by <see cref="ISecretProtector"/>.</summary>
    internal byte[] ProtectedSecret { get; init; } = [];

    internal byte[] Encode() => new RecordWriter(Marker)
        .Text(1, Id)
        .Text(2, Organization)
        .Text(3, User)
        .Bytes(4, ProtectedSecret)
        .Number(5, Created.ToUnixTimeMilliseconds())
        .Number(6, Expires?.ToUnixTimeMilliseconds() ?? 0)
        .Text(7, DiskScope)
        .Text(8, Policy)
        .Number(9, Rotated?.ToUnixTimeMilliseconds() ?? 0)
        .ToArray();

    internal static AccessKey Decode(ReadOnlySpan<byte> bytes)
    {
        string id = "", organization = "";
        string? user = null, disk = null, policy = null;
        byte[] secret = [];
        long created = 0, expires = 0, rotated = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Text; break;
                case 2: organization = reader.Text; break;
                case 3: user = reader.Text; break;
                case 4: secret = reader.Bytes.ToArray(); break;
                case 5: created = reader.Signed; break;
                case 6: expires = reader.Signed; break;
                case 7: disk = reader.Text; break;
                case 8: policy = reader.Text; break;
                case 9: rotated = reader.Signed; break;
            }
        }

        return new AccessKey
        {
            Id = id,
            Organization = organization,
            User = user,
            ProtectedSecret = secret,
            Created = IdentityTime.FromStored(created),
            Expires = IdentityTime.FromStoredOrNone(expires),
            Rotated = IdentityTime.FromStoredOrNone(rotated),
            DiskScope = disk,
            Policy = policy,
        };
    }
}

/// <summary>An access key when its secret is created, the only time that the secret is shown.</summary>
public sealed record NewAccessKey(AccessKey Key, string SecretKey)
{
    /// <summary>The id alone, so that a log line cannot leak the secret.</summary>
    public override string ToString() => Key.Id;
}
