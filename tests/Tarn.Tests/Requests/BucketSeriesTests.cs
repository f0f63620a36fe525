using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Records;
using Tarn.Core.Samples;
using Tarn.Core.Storage;
using Tarn.Server.Requests;
using Tarn.TestKit.Stores;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Requests;

/// <summary>Which buckets have series, and what scrapes read.</summary>
public sealed class BucketSeriesTests
{
    private readonly StoreFixture _fixture = new();
    private readonly List<Exception> _failures = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_largest_buckets_are_shown_and_how_many_are_not()
    {
        foreach ((string name, int bytes) in ((string, int)[])[("small", 1), ("large", 300), ("b-middle", 20), ("a-middle", 20)])
        {
            await _fixture.PutAsync(await _fixture.BucketAsync(name), "k", StoreFixture.Bytes(bytes));
        }

        (BucketCensus census, BucketSeries series) = Create(limit: 2);
        Assert.DoesNotContain("tarn_buckets ", await series.WriteAsync(Token), StringComparison.Ordinal);
        await census.CountAsync(_failures.Add, Token);
        Assert.Equal(["large", "a-middle"], census.Last!.Largest.Select(static bucket => bucket.Name.Value));
        string text = await series.WriteAsync(Token);
        Assert.Contains("tarn_buckets 4\n", text, StringComparison.Ordinal);
        Assert.Contains("tarn_buckets_not_shown 2\n", text, StringComparison.Ordinal);
        Assert.Contains("tarn_bucket_object_bytes{bucket=\"large\"} 300\ntarn_bucket_object_bytes{bucket=\"a-middle\"} 20\n", text, StringComparison.Ordinal);
        Assert.Contains("tarn_bucket_counting{bucket=\"large\"} 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("small", text, StringComparison.Ordinal);

        await _fixture.Store.Recount.RunOnceAsync(Token);
        Assert.Contains("tarn_bucket_counting{bucket=\"large\"} 0\n", await series.WriteAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_is_gone_with_the_next_scrape_after_its_deletion_also_if_the_name_is_taken_again()
    {
        Bucket bucket = await _fixture.BucketAsync("gone");
        _fixture.Store.Activity.Add(bucket.Id, BucketActivity.Of(200, 1, 2));
        (BucketCensus census, BucketSeries series) = Create(limit: 5);
        await census.CountAsync(_failures.Add, Token);
        Assert.Contains("tarn_bucket_requests_total{bucket=\"gone\"} 1\n", await series.WriteAsync(Token), StringComparison.Ordinal);
        await _fixture.Store.Buckets.DeleteAsync(bucket, Token);
        Assert.DoesNotContain("gone", await series.WriteAsync(Token), StringComparison.Ordinal);
        await _fixture.BucketAsync("gone");
        Assert.DoesNotContain("gone", await series.WriteAsync(Token), StringComparison.Ordinal);
        await census.CountAsync(_failures.Add, Token);
        Assert.Contains("tarn_bucket_requests_total{bucket=\"gone\"} 0\n", await series.WriteAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_scrape_reads_the_buckets_that_it_shows_and_no_others()
    {
        for (int i = 0; i < 1200; i++)
        {
            await _fixture.BucketAsync($"bucket-{i}");
        }

        int reads = 0;
        var counted = new HookedKeyValueStore(_fixture.KeyValue)
        {
            FailRead = _ =>
            {
                reads++;
                return null;
            },
            FailScan = static _ => new IOException("a scrape does not scan"),
        };
        (BucketCensus census, _) = Create(limit: 10);
        await census.CountAsync(_failures.Add, Token);
        Assert.Equal((1200, 10), (census.Last!.Total, census.Last.Largest.Count));
        ObjectStore store = _fixture.Open(counted, _fixture.Blobs);
        var series = new BucketSeries(census, store.Buckets, store.Counts, store.Activity);
        Assert.Contains("tarn_buckets_not_shown 1190\n", await series.WriteAsync(Token), StringComparison.Ordinal);
        Assert.InRange(reads, 20, 30);
    }

    [Fact]
    public async Task With_a_limit_of_none_only_their_number_is_told()
    {
        await _fixture.BucketAsync("one");
        (BucketCensus census, BucketSeries series) = Create(limit: 0);
        await census.CountAsync(_failures.Add, Token);
        string text = await series.WriteAsync(Token);
        Assert.Contains("tarn_buckets_not_shown 1\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tarn_bucket_", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_damaged_bucket_is_left_out_and_keeps_no_others_from_being_shown(bool isDamagedFirst)
    {
        await _fixture.BucketAsync("bad");
        await _fixture.BucketAsync("good");
        (BucketCensus census, BucketSeries series) = Create(limit: 5);
        if (isDamagedFirst)
        {
            await DamageAsync();
        }

        await census.CountAsync(_failures.Add, Token);
        if (!isDamagedFirst)
        {
            await DamageAsync();
        }

        string text = await series.WriteAsync(Token);
        Assert.Contains("tarn_bucket_objects{bucket=\"good\"} 0\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("bad", text, StringComparison.Ordinal);
        Assert.Equal(isDamagedFirst ? 1 : 0, _failures.OfType<RecordFormatException>().Count());

        Task<bool> DamageAsync() => _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.BucketKey("bad"), [0xEE]), Token).AsTask();
    }

    private (BucketCensus Census, BucketSeries Series) Create(int limit)
    {
        var census = new BucketCensus(_fixture.Store.Buckets, _fixture.Store.Counts, limit, _fixture.Clock);
        return (census, new BucketSeries(census, _fixture.Store.Buckets, _fixture.Store.Counts, _fixture.Store.Activity));
    }
}
