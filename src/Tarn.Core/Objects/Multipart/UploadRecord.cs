using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects.Multipart;

/// <summary>The persisted form of a multipart upload in progress.</summary>
internal sealed record UploadRecord
{
    private const byte Marker = 1;

    /// <summary>Unix milliseconds, whole seconds.</summary>
    public required long Initiated { get; init; }

    /// <summary>Canonical user id of the object's owner.</summary>
    public required string OwnerId { get; init; }

    public required string OwnerName { get; init; }

    /// <summary>Canonical user id of the principal that began the upload; null when that is the owner.</summary>
    public string? InitiatorId { get; init; }

    public string? InitiatorName { get; init; }

    public ObjectMetadata Metadata { get; init; } = ObjectMetadata.Empty;

    /// <summary>What the client named; null when it named none, and the server computes a full-object CRC64NVME without reporting it.</summary>
    public ChecksumAlgorithm? Algorithm { get; init; }

    public ChecksumType ChecksumType { get; init; } = ChecksumType.FullObject;

    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker)
            .Number(1, Initiated)
            .Text(2, OwnerId)
            .Text(3, OwnerName)
            .Number(4, (ulong)(Algorithm ?? 0))
            .Number(5, (ulong)ChecksumType)
            .Text(6, InitiatorId)
            .Text(7, InitiatorName);
        MetadataCodec.Write(writer, Metadata);
        return writer.ToArray();
    }

    public static UploadRecord Decode(ReadOnlySpan<byte> bytes)
    {
        long initiated = 0;
        string owner = "", ownerName = "";
        string? initiator = null, initiatorName = null;
        ChecksumAlgorithm? algorithm = null;
        ChecksumType type = ChecksumType.FullObject;
        var metadata = new MetadataCodec();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: initiated = reader.Signed; break;
                case 2: owner = reader.Text; break;
                case 3: ownerName = reader.Text; break;
                case 4: algorithm = (ChecksumAlgorithm)reader.Number; break;
                case 5: type = (ChecksumType)reader.Number; break;
                case 6: initiator = reader.Text; break;
                case 7: initiatorName = reader.Text; break;
                default: metadata.TryRead(ref reader); break;
            }
        }

        return new UploadRecord
        {
            Initiated = initiated, OwnerId = owner, OwnerName = ownerName, InitiatorId = initiator, InitiatorName = initiatorName,
            Algorithm = algorithm, ChecksumType = type, Metadata = metadata.Build(),
        };
    }
}
