using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;

namespace Tarn.Core.Consistency;

/// <summary>One check under way: the stores, what has been counted, and where findings go.</summary>
internal sealed class CheckRun(
    IKeyValueReader rows, IBlobStore blobs, CheckOptions options, Func<Finding, ValueTask> found, Action<CheckProgress>? progress)
{
    private const int Page = 1000;

    /// <summary>So many reads that failed are remembered, so that each is reported once only.</summary>
    private const int MaxFailures = 100_000;

    private readonly HashSet<string> _failures = new(StringComparer.Ordinal);
    private long _rows;
    private bool _cannotReport;

    public IKeyValueReader Rows => rows;

    public IBlobStore Blobs => blobs;

    public CheckOptions Options => options;

    /// <summary>The buckets by their ids.</summary>
    public Dictionary<ulong, (string Name, BucketRecord Record)> Buckets { get; } = [];

    /// <summary>The tables of which some rows could not be read or decoded: nothing follows from the absence of one.</summary>
    public HashSet<byte> Unread { get; } = [];

    /// <summary>What was counted so far.</summary>
    public CheckSummary Summary { get; set; } = new();

    /// <summary>Bytes of blobs read so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Bytes of memory that a comparison of all data at once would take.</summary>
    public long Memory { get; private set; }

    public async ValueTask ReportAsync(Finding finding)
    {
        Summary = Summary with { Problems = Summary.Problems + 1 };
        try
        {
            await found(finding);
        }
        catch
        {
            _cannotReport = true;
            throw;
        }
    }

    /// <summary>Whether a failure is that of the data being checked, so that it is a finding; otherwise it ends the check.</summary>
    public bool IsFinding(Exception e) => !_cannotReport && e is not (OperationCanceledException or OutOfMemoryException);

    /// <summary>Reports that something could not be read, unless that was reported before. The summary says so in any case.</summary>
    public async ValueTask ReportUnreadableAsync(Finding finding)
    {
        Summary = Summary with { IsIncomplete = true };
        if (_failures.Count < MaxFailures && !_failures.Add($"{finding.Row} {finding.Detail}"))
        {
            return;
        }

        await ReportAsync(finding);
    }

    /// <summary>Reports that a row could not be read or checked.</summary>
    public ValueTask ReportUnreadableAsync(byte[] row, string detail) =>
        ReportUnreadableAsync(Name(new Finding(FindingKind.Unreadable, detail) { Row = Tables.Describe(row) }, row));

    /// <summary>Counts what a row will take in memory while data is compared.</summary>
    /// <param name="row">The row's key, which is kept once.</param>
    /// <param name="pieces">How many pieces of data it refers to.</param>
    public void AddMemory(byte[] row, int pieces) => Memory += row.Length + (pieces * (long)CheckOptions.BytesPerPiece);

    /// <summary>Reports what is wrong with a row.</summary>
    public ValueTask ReportAsync(FindingKind kind, byte[] row, string detail) => ReportAsync(Name(new Finding(kind, detail) { Row = Tables.Describe(row) }, row));

    /// <summary>Reads rows page by page. Where that is not possible, it is reported once, and the rest of the range is left out.</summary>
    /// <param name="from">The first key.</param>
    /// <param name="to">Behind the last key.</param>
    /// <param name="cancellationToken">Cancels the reads.</param>
    public async IAsyncEnumerable<KeyValueEntry> ScanAsync(byte[] from, byte[] to, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (true)
        {
            if (await PageAsync(from, to, cancellationToken) is not { } page)
            {
                yield break;
            }

            foreach (KeyValueEntry row in page)
            {
                yield return row;
            }

            _rows += page.Count;
            Advance();
            if (page.Count < Page)
            {
                yield break;
            }

            from = [.. page[^1].Key, 0];
        }
    }

    /// <summary>Reads a row that another one needs. That it cannot be read is reported once.</summary>
    public async ValueTask<NeededRow> GetAsync(byte[] row, CancellationToken cancellationToken)
    {
        try
        {
            return new NeededRow(await rows.GetAsync(row, cancellationToken), IsUnreadable: false);
        }
        catch (IOException e)
        {
            await ReportUnreadableAsync(row, $"The row cannot be read: {e.Message}");
            return new NeededRow(null, IsUnreadable: true);
        }
    }

    /// <summary>Counts bytes of blobs that were read.</summary>
    public void AddBytes(long count)
    {
        BytesRead += count;
        Advance();
    }

    /// <summary>Tells how far the check is.</summary>
    public void Advance() => progress?.Invoke(new CheckProgress(_rows, Summary.Blobs, BytesRead, Summary.Problems));

    /// <summary>Adds to a finding which bucket and key the row belongs to.</summary>
    public Finding Name(Finding finding, ReadOnlySpan<byte> row)
    {
        if (RowKeys.TrySplit(row, out ulong bucket, out byte[] key))
        {
            finding = finding with { Bucket = BucketName(bucket), Key = key.Length == 0 ? null : Encoding.UTF8.GetString(key) };
        }

        return finding;
    }

    /// <summary>A bucket's name; of a bucket that has no row, its id.</summary>
    public string BucketName(ulong id) => Buckets.TryGetValue(id, out (string Name, BucketRecord Record) known)
        ? known.Name
        : string.Create(CultureInfo.InvariantCulture, $"(bucket {id:x16})");

    private async ValueTask<IReadOnlyList<KeyValueEntry>?> PageAsync(byte[] from, byte[] to, CancellationToken cancellationToken)
    {
        try
        {
            return await rows.ScanAsync(from, to, Page, reverse: false, cancellationToken);
        }
        catch (IOException e)
        {
            Unread.Add(from[0]);
            await ReportUnreadableAsync(from, $"The rows of table 0x{from[0]:X2} from here on cannot be read: {e.Message}");
            return null;
        }
    }
}
