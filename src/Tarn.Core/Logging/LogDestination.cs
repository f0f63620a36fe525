using Tarn.Core.Buckets;
using Tarn.Core.Records;

namespace Tarn.Core.Logging;

/// <summary>Where a bucket's lines go, as it was set when they were collected: the bucket may be gone when they are delivered.</summary>
/// <param name="SourceId">The id of the bucket that the lines are about.</param>
/// <param name="Source">Its name.</param>
/// <param name="OwnerId">Canonical user id of its owner, who must own the target too.</param>
/// <param name="Account">The owner's account: the organization's id.</param>
/// <param name="Region">The bucket's region.</param>
/// <param name="Logging">
/// The setting, without its grants: those are read again at the delivery. A tenant could otherwise have 8 KiB of them written for each bucket and segment.
/// </param>
public sealed record LogDestination(ulong SourceId, string Source, string OwnerId, string Account, string Region, BucketLogging Logging)
{
    internal void Write(RecordWriter writer) => writer
        .Number(1, SourceId).Text(2, Source).Text(3, OwnerId).Text(4, Account).Text(5, Region).Bytes(6, Logging.Encode());

    /// <exception cref="RecordFormatException">The setting is damaged, or was written by a newer build.</exception>
    internal static LogDestination Read(RecordReader reader)
    {
        ulong id = 0;
        string source = "", owner = "", account = "", region = "";
        BucketLogging? logging = null;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: id = reader.Number; break;
                case 2: source = reader.Text; break;
                case 3: owner = reader.Text; break;
                case 4: account = reader.Text; break;
                case 5: region = reader.Text; break;
                case 6: logging = BucketLogging.Decode(reader.Bytes); break;
            }
        }

        return new LogDestination(id, source, owner, account, region, logging ?? throw new RecordFormatException("A destination of log lines has no target."));
    }
}
