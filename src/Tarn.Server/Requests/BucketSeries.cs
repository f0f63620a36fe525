using System.Globalization;
using System.Text;
using Tarn.Core.Buckets;
using Tarn.Core.Counts;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Samples;

namespace Tarn.Server.Requests;

/// <summary>
/// The metrics of buckets in Prometheus' text format: of as many buckets as <c>--bucket-metrics</c> says, and how many are left out. They are not instruments of
/// OpenTelemetry, which would go on to export those of deleted buckets.
/// </summary>
internal sealed class BucketSeries(BucketCensus census, BucketCatalog buckets, BucketCountReader counts, ActivityLedger ledger)
{
    /// <summary>Media type of the text format. Source: Prometheus documentation, "Exposition formats".</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Every metric of a bucket.</summary>
    internal static IReadOnlyList<(string Name, string Type, string Help, Func<Shown, long> Value)> Metrics { get; } =
    [
        ("tarn_bucket_objects", "gauge", "Live objects of a bucket.", static of => of.Held.Objects),
        ("tarn_bucket_object_bytes", "gauge", "Their sizes together.", static of => of.Held.Bytes),
        ("tarn_bucket_noncurrent_versions", "gauge", "Versions that are not the newest, without delete markers.", static of => of.Held.NoncurrentVersions),
        ("tarn_bucket_noncurrent_bytes", "gauge", "Their sizes together.", static of => of.Held.NoncurrentBytes),
        ("tarn_bucket_delete_markers", "gauge", "Delete markers.", static of => of.Held.DeleteMarkers),
        ("tarn_bucket_uploads", "gauge", "Multipart uploads in progress.", static of => of.Held.Uploads),
        ("tarn_bucket_upload_bytes", "gauge", "The sizes of their parts together.", static of => of.Held.UploadBytes),
        ("tarn_bucket_counting", "gauge", "1 while these counts are not exact, because everything is being counted.", static of => of.IsExact ? 0 : 1),
        ("tarn_bucket_requests_total", "counter", "Requests to a bucket that ended.", static of => of.Activity.Requests),
        ("tarn_bucket_errors_total", "counter", "Those with a status of 400 or above.", static of => of.Activity.Errors),
        ("tarn_bucket_server_errors_total", "counter", "Those with a status of 500 or above.", static of => of.Activity.ServerErrors),
        ("tarn_bucket_received_bytes_total", "counter", "Bytes read of their bodies.", static of => of.Activity.BytesIn),
        ("tarn_bucket_sent_bytes_total", "counter", "Bytes sent of the bodies of their answers.", static of => of.Activity.BytesOut),
    ];

    /// <summary>Writes the series. Reads no more buckets than are shown.</summary>
    public async Task<string> WriteAsync(CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        Write(text, "tarn_buckets_shown_limit", "gauge", "How many buckets have series of their own: the largest.", census.Limit);
        if (census.Last is not { } last)
        {
            return text.ToString();
        }

        var existing = new List<Bucket>(last.Largest.Count);
        foreach (Bucket bucket in last.Largest)
        {
            if (await FindAsync(bucket, cancellationToken) is { } found)
            {
                existing.Add(found);
            }
        }

        (BucketCounts[] held, bool isExact) = await counts.GetAsync([.. existing.Select(static bucket => bucket.Id)], cancellationToken);
        Shown[] shown = [.. existing.Select((bucket, i) => new Shown(bucket.Name.Value, held[i], isExact, ledger.Total(bucket.Id)))];
        Write(text, "tarn_buckets", "gauge", "Buckets at the last count, which is a minute or more ago.", last.Total);
        Write(text, "tarn_buckets_not_shown", "gauge", "Those of them without series of their own: GET /api/buckets has them.", Math.Max(0, last.Total - last.Largest.Count));
        foreach ((string name, string type, string help, Func<Shown, long> value) in shown.Length > 0 ? Metrics : [])
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach (Shown bucket in shown)
            {
                // A bucket's name has letters, digits, dots and hyphens alone, so nothing is escaped.
                text.Append(CultureInfo.InvariantCulture, $"{name}{{bucket=\"{bucket.Name}\"}} {value(bucket)}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>A bucket as it is now; null when it is gone, or its row damaged since, which the next count reports.</summary>
    private async ValueTask<Bucket?> FindAsync(Bucket counted, CancellationToken cancellationToken)
    {
        try
        {
            return await buckets.FindAsync(counted.Name, cancellationToken) is { } found && found.Id == counted.Id ? found : null;
        }
        catch (Exception e) when (e is RecordFormatException or StoreDamagedException)
        {
            return null;
        }
    }

    private static void Write(StringBuilder text, string name, string type, string help, long value) =>
        text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n{name} {value}\n");

    /// <summary>What is shown of a bucket.</summary>
    internal sealed record Shown(string Name, BucketCounts Held, bool IsExact, BucketActivity Activity);
}
