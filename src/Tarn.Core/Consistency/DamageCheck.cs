using System.Text;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Integrity;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>
/// Takes what the server's list of damage says for true where data is not read: a server met a damaged block there, and the object or part still has the data. Where data
/// is read, the damage is found in the data.
/// </summary>
internal sealed class DamageCheck(CheckRun run)
{
    private readonly DamageHolders _holders = new(run.Rows);

    public async ValueTask CheckAsync(KeyValueEntry row, CancellationToken cancellationToken)
    {
        DamageRecord record = Rows.Decode(row.Key, row.Value, DamageRecord.Decode);
        byte[] place = row.Key[Tables.DamagePrefixLength..];
        Id128 data = RowKeys.IdOf(row.Key);

        // What is missing or cut short is found without reading it.
        if (run.Options.ReadsData || record.Kind is not (DamageKind.Checksum or DamageKind.WrongBlob) || !await _holders.IsHeldAsync(place, record, data, cancellationToken))
        {
            return;
        }

        await run.ReportAsync(new Finding(FindingKind.Damaged, "A server read it and found that it does not match its checksum.")
        {
            Bucket = run.BucketName(record.BucketId),
            Key = Encoding.UTF8.GetString(record.Key),
            Version = record.Version,
            Upload = record.Upload?.ToString(),
            Part = record.PartNumber,
            Data = data.ToString(),
            Row = Tables.Describe(row.Key),
        });
    }
}
