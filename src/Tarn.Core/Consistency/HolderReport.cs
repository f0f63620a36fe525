using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>
/// Reports what is wrong with data by the objects that it belongs to. A part or a manifest does not say which object it is of, so those findings wait until the
/// rows of all objects have been read for them, once.
/// </summary>
internal sealed class HolderReport(CheckRun run)
{
    /// <summary>So many findings wait at most.</summary>
    private const int MaxWaiting = 100_000;

    private readonly List<(Finding Finding, Id128 Owner, bool IsUpload)> _waiting = [];

    /// <summary>Reports that something is wrong with the data that a row refers to.</summary>
    public async ValueTask AddAsync(FindingKind kind, Id128 data, Holder holder, string detail, CancellationToken cancellationToken)
    {
        var finding = new Finding(kind, detail) { Data = data.ToString(), Row = Tables.Describe(holder.Row), Part = holder.Part };
        if (holder.Row[0] is not (Tables.Part or Tables.Manifest))
        {
            byte[]? value = (await run.GetAsync(holder.Row, cancellationToken)).Value;
            await run.ReportAsync(Name(finding, holder.Row, value is null ? null : Rows.Decode(holder.Row, value, ObjectRecord.Decode)));
            return;
        }

        _waiting.Add((finding, RowKeys.IdOf(holder.Row), holder.Row[0] == Tables.Part));
        if (_waiting.Count >= MaxWaiting)
        {
            await FinishAsync(cancellationToken);
        }
    }

    /// <summary>Reports what waits as it is, because the check ends before its time.</summary>
    public async ValueTask FlushAsync()
    {
        foreach ((Finding finding, _, _) in _waiting)
        {
            await run.ReportAsync(finding);
        }

        _waiting.Clear();
    }

    /// <summary>Reports what waits.</summary>
    public async ValueTask FinishAsync(CancellationToken cancellationToken)
    {
        ILookup<Id128, Finding> ofManifests = _waiting.Where(static item => !item.IsUpload).ToLookup(static item => item.Owner, static item => item.Finding);
        ILookup<Id128, Finding> ofUploads = _waiting.Where(static item => item.IsUpload).ToLookup(static item => item.Owner, static item => item.Finding);
        _waiting.Clear();
        if (ofManifests.Count > 0)
        {
            await ReportAsync(ofManifests, [Tables.Current, Tables.History], cancellationToken);
        }

        if (ofUploads.Count > 0)
        {
            await ReportAsync(ofUploads, [Tables.Upload], cancellationToken);
        }
    }

    private async ValueTask ReportAsync(ILookup<Id128, Finding> findings, byte[] tables, CancellationToken cancellationToken)
    {
        var named = new HashSet<Id128>();
        foreach (byte table in tables)
        {
            await foreach (KeyValueEntry row in run.ScanAsync([table], [(byte)(table + 1)], cancellationToken))
            {
                if (RowDecoders.Problem(row) is not null)
                {
                    continue;
                }

                ObjectRecord? record = table == Tables.Upload ? null : Rows.Decode(row.Key, row.Value, ObjectRecord.Decode);
                Id128? owner = record is null ? Tables.UploadOf(row.Key).Value : (record.Data as ObjectData.Manifest)?.Id;
                if (owner is not { } id || !findings.Contains(id))
                {
                    continue;
                }

                named.Add(id);
                foreach (Finding finding in findings[id])
                {
                    await run.ReportAsync(Name(finding, row.Key, record));
                }
            }
        }

        // What belongs to no object: an upload that ended, or a manifest that is waiting to be removed.
        foreach (IGrouping<Id128, Finding> rest in findings.Where(group => !named.Contains(group.Key)))
        {
            foreach (Finding finding in rest)
            {
                await run.ReportAsync(finding);
            }
        }
    }

    private Finding Name(Finding finding, byte[] row, ObjectRecord? record) => run.Name(finding, row) with
    {
        Version = record?.VersionName,
        Upload = row[0] == Tables.Upload ? Id128.Read(row.AsSpan(row.Length - Id128.Size)).ToString() : null,
    };
}
