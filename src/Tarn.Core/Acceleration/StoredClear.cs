using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Acceleration;

/// <summary>A request to accelerators to remove bytes from their caches, as the store keeps it.</summary>
public sealed record StoredClear
{
    private const byte Marker = 1;

    /// <summary>Which request it is.</summary>
    public required Id128 Id { get; init; }

    /// <summary>When it was made, Unix milliseconds.</summary>
    public required long Created { get; init; }

    /// <summary>ARN of who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>The id of the bucket whose bytes are to go; null: all.</summary>
    public ulong? BucketId { get; init; }

    /// <summary>The bucket's name when it was made; null if only its id was given.</summary>
    public string? Bucket { get; init; }

    /// <summary>The name of the accelerators that are meant; null: all.</summary>
    public string? Name { get; init; }

    /// <summary>Whether accelerators of a name are meant.</summary>
    public bool IsFor(string name) => Name is null || Name == name;

    /// <summary>Whether everything that another one asks for is asked for by this one, too.</summary>
    internal bool Includes(StoredClear other) => (BucketId is null || BucketId == other.BucketId) && (Name is null || Name == other.Name);

    internal byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker).Text(1, CreatedBy);
        if (BucketId is { } id)
        {
            writer.Number(2, id);
        }

        if (Bucket is not null)
        {
            writer.Text(3, Bucket);
        }

        if (Name is not null)
        {
            writer.Text(4, Name);
        }

        return writer.ToArray();
    }

    /// <param name="created">When it was made, Unix milliseconds, from its key.</param>
    /// <param name="id">Which one it is, from its key.</param>
    /// <param name="bytes">The record.</param>
    internal static StoredClear Decode(long created, Id128 id, ReadOnlySpan<byte> bytes)
    {
        string by = "";
        ulong? bucketId = null;
        string? bucket = null, name = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: by = reader.Text; break;
                case 2: bucketId = reader.Number; break;
                case 3: bucket = reader.Text; break;
                case 4: name = reader.Text; break;
            }
        }

        return new StoredClear { Id = id, Created = created, CreatedBy = by, BucketId = bucketId, Bucket = bucket, Name = name };
    }
}
