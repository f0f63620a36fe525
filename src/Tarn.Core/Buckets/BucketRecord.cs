using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>The persisted form of a bucket.</summary>
internal sealed record BucketRecord
{
    private const byte Marker = 1;

    /// <summary>The prefix of the bucket's rows; random, so that a bucket created again under an old name shares no rows with the old one.</summary>
    public required ulong Id { get; init; }

    public required string OwnerId { get; init; }

    public required string OwnerName { get; init; }

    public required string Region { get; init; }

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Created { get; init; }

    /// <summary>
    /// When a DeleteBucket began to check that the bucket is empty, Unix milliseconds; 0 when none is running.
    /// No write commits meanwhile, so that nothing is added after the check.
    /// </summary>
    public long DeletingSince { get; init; }

    public VersioningState Versioning { get; init; }

    /// <summary>Counts changes of the bucket's configurations, so that the row's bytes change whenever one of them does.</summary>
    public ulong ConfigurationGeneration { get; init; }

    /// <summary>Which configurations the bucket has: one bit for each <see cref="BucketConfiguration"/>.</summary>
    public ulong Configurations { get; init; }

    public byte[] Encode() => new RecordWriter(Marker)
        .Number(1, Id)
        .Text(2, OwnerId)
        .Text(3, OwnerName)
        .Text(4, Region)
        .Number(5, Created)
        .Number(6, DeletingSince)
        .Number(7, (ulong)Versioning)
        .Number(8, ConfigurationGeneration)
        .Number(9, Configurations)
        .ToArray();

    public static BucketRecord Decode(ReadOnlySpan<byte> bytes)
    {
        ulong id = 0;
        string owner = "", ownerName = "", region = "";
        long created = 0, deleting = 0;
        VersioningState versioning = VersioningState.Never;
        ulong generation = 0, configurations = 0;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Number; break;
                case 2: owner = reader.Text; break;
                case 3: ownerName = reader.Text; break;
                case 4: region = reader.Text; break;
                case 5: created = reader.Signed; break;
                case 6: deleting = reader.Signed; break;
                case 7: versioning = (VersioningState)reader.Number; break;
                case 8: generation = reader.Number; break;
                case 9: configurations = reader.Number; break;
            }
        }

        return new BucketRecord
        {
            Id = id,
            OwnerId = owner,
            OwnerName = ownerName,
            Region = region,
            Created = created,
            DeletingSince = deleting,
            Versioning = versioning,
            ConfigurationGeneration = generation,
            Configurations = configurations,
        };
    }
}
