using Tarn.Core.Records;

namespace Tarn.Core.Sharing;

/// <summary>The persisted form of a share link.</summary>
internal sealed record ShareLinkRecord
{
    private const byte Marker = 1;

    public required string Organization { get; init; }

    /// <summary>Canonical id of the organization: an organization that is created again under the same name has another.</summary>
    public required string OwnerId { get; init; }

    /// <summary>A disk's id, or a bucket's name.</summary>
    public required string Container { get; init; }

    /// <summary>The bucket's id: a bucket that is created again under the same name has another. 0 for a disk.</summary>
    public ulong BucketId { get; init; }

    public required byte[] Key { get; init; }

    /// <summary>The version of an object; null for the current one.</summary>
    public string? Version { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Created { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Expires { get; init; }

    /// <summary>ARN of the creator.</summary>
    public required string CreatedBy { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Text(1, Organization)
        .Text(2, OwnerId)
        .Text(3, Container)
        .Number(4, BucketId)
        .Bytes(5, Key)
        .Text(6, Version)
        .Number(7, Created)
        .Number(8, Expires)
        .Text(9, CreatedBy)
        .ToArray();

    public static ShareLinkRecord Decode(ReadOnlySpan<byte> bytes)
    {
        string organization = "", owner = "", container = "", by = "";
        string? version = null;
        byte[] key = [];
        ulong bucket = 0;
        long created = 0, expires = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: organization = reader.Text; break;
                case 2: owner = reader.Text; break;
                case 3: container = reader.Text; break;
                case 4: bucket = reader.Number; break;
                case 5: key = reader.Bytes.ToArray(); break;
                case 6: version = reader.Text; break;
                case 7: created = reader.Signed; break;
                case 8: expires = reader.Signed; break;
                case 9: by = reader.Text; break;
            }
        }

        return new ShareLinkRecord
        {
            Organization = organization,
            OwnerId = owner,
            Container = container,
            BucketId = bucket,
            Key = key,
            Version = version,
            Created = created,
            Expires = expires,
            CreatedBy = by,
        };
    }
}
