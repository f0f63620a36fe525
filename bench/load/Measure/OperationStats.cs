using Tarn.Load.Http;

namespace Tarn.Load.Measure;

/// <summary>One worker's measurements of one kind of request; merged over the workers at the end.</summary>
internal sealed class OperationStats
{
    public long Requests { get; private set; }

    /// <summary>Bytes of object data, sent or received.</summary>
    public long Bytes { get; private set; }

    /// <summary>Keys and common prefixes listed.</summary>
    public long Items { get; private set; }

    /// <summary>Listings that reached their last page.</summary>
    public long Listings { get; private set; }

    public long Errors { get; private set; }

    public LatencyHistogram Latency { get; } = new();

    public LatencyHistogram FirstByte { get; } = new();

    public void Record(Exchange exchange, long bytes, long items = 0, bool listingEnds = false)
    {
        Requests++;
        Bytes += bytes;
        Items += items;
        Listings += listingEnds ? 1 : 0;
        Latency.Record(exchange.Total.Ticks * 100);
        FirstByte.Record(exchange.FirstByte.Ticks * 100);
    }

    public void RecordError() => Errors++;

    public void Merge(OperationStats other)
    {
        Requests += other.Requests;
        Bytes += other.Bytes;
        Items += other.Items;
        Listings += other.Listings;
        Errors += other.Errors;
        Latency.Merge(other.Latency);
        FirstByte.Merge(other.FirstByte);
    }
}
