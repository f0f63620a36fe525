using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Buckets;

/// <summary>
/// Where lines about the requests for a bucket are delivered as objects. Source: Amazon S3 API Reference, data type LoggingEnabled.
/// </summary>
/// <param name="TargetBucket">The bucket that gets the objects, as it was named.</param>
/// <param name="TargetPrefix">What their keys begin with; may be empty.</param>
public sealed record BucketLogging(string TargetBucket, string TargetPrefix)
{
    private const byte Marker = 1;

    /// <summary>The setting; not set in a bucket without logging.</summary>
    public static readonly SettingRow<BucketLogging> Stored =
        new(BucketConfiguration.Logging, static logging => logging.Encode(), static (bytes, _) => Decode(bytes));

    /// <summary>The rest of the keys.</summary>
    public LogKeyFormat Format { get; init; }

    /// <summary>Who gets access to the objects besides their owner, where access control lists count; null for nobody.</summary>
    public AccessControlList? Grants { get; init; }

    /// <summary>The persisted form: docs/design/records.md.</summary>
    public byte[] Encode()
    {
        RecordWriter writer = new RecordWriter(Marker).Text(1, TargetBucket).Text(2, TargetPrefix).Number(3, (ulong)Format);
        Grants?.Write(writer, 4);
        return writer.ToArray();
    }

    /// <exception cref="RecordFormatException">The bytes are not a valid record of the setting, or were written by a newer build.</exception>
    public static BucketLogging Decode(ReadOnlySpan<byte> bytes)
    {
        string bucket = "", prefix = "";
        ulong format = 0;
        List<Grant>? grants = null;
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: bucket = reader.Text; break;
                case 2: prefix = reader.Text; break;
                case 3: format = reader.Number; break;
                case 4: (grants ??= []).Add(AclCodec.ReadGrant(reader.Nested())); break;
            }
        }

        return new BucketLogging(bucket, prefix)
        {
            Format = format <= (ulong)LogKeyFormat.ByDeliveryTime ? (LogKeyFormat)format : throw new RecordFormatException($"There is no format {format} of the keys of logs."),
            Grants = grants is null ? null : AccessControlList.FromStorage(grants),
        };
    }
}

/// <summary>
/// What follows the prefix in the keys of delivered logs. The numbers are persisted. Source: Amazon S3 API Reference, data type TargetObjectKeyFormat.
/// </summary>
public enum LogKeyFormat : byte
{
    /// <summary>As <see cref="Simple"/>, without being asked for.</summary>
    Default,

    /// <summary>SimplePrefix: the time of delivery.</summary>
    Simple,

    /// <summary>PartitionedPrefix with EventTime: account, region, bucket, and the day of the requests.</summary>
    ByEventTime,

    /// <summary>PartitionedPrefix with DeliveryTime: account, region, bucket, and the day of delivery.</summary>
    ByDeliveryTime,
}
