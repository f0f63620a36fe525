using System.Text;
using Tarn.Core.Access;
using Tarn.Core.Buckets;
using Tarn.Core.Logging;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Listing;
using Tarn.TestKit.Clocks;
using Tarn.TestKit.Stores;
using Tarn.Tests.Access;
using Tarn.Tests.Objects;

namespace Tarn.Tests.BucketLogs;

/// <summary>The way of lines from memory to objects, over stores and spool files in memory, with the clock in the hand of the test.</summary>
internal sealed class LogFixture
{
    private readonly SeededRandomSource _random = new(7);

    public LogFixture()
    {
        Clock = new ShiftedTimeProvider(Objects.Clock);
        Rows = new HookedKeyValueStore(Objects.KeyValue);
        Objects.Store = Objects.Open(Rows, Objects.Blobs);
        Objects.Clock.SetUtcNow(new DateTimeOffset(2026, 2, 6, 10, 0, 0, TimeSpan.Zero));
        Start();
    }

    public static string Owner { get; } = TestIdentity.IdOf("a");

    public StoreFixture Objects { get; } = new();

    /// <summary>The clock of the logs alone, whose time of day can be set.</summary>
    public ShiftedTimeProvider Clock { get; }

    public HookedKeyValueStore Rows { get; }

    public TestIdentity Identity { get; } = new();

    public MemorySpoolFiles Files { get; private set; } = new();

    public LogOptions Options { get; set; } = new();

    public LogTally Tally { get; private set; } = new();

    public KeptEvents Events { get; private set; } = new();

    public LoggedLines Queue { get; private set; } = null!;

    public LogSpool Spool { get; private set; } = null!;

    public LogCollector Collector { get; private set; } = null!;

    public LogDelivery Delivery { get; private set; } = null!;

    private static CancellationToken Token => StoreFixture.Token;

    /// <summary>A new process over the same stores and files, or over what a crash has left of them.</summary>
    public void Start(MemorySpoolFiles? files = null)
    {
        Files = files ?? Files;
        Tally = new LogTally();
        Events = new KeptEvents();
        Queue = new LoggedLines(Options, Tally, Clock);
        Spool = new LogSpool(Files, Options, Clock, _random, Tally, Events);
        Collector = new LogCollector(Queue, Spool, Objects.Store.Buckets, Identity, "eu-west-1", Clock, Tally, Events);
        Delivery = new LogDelivery(Spool, Objects.Store.Buckets, Objects.Store.Writer, Identity, Options, Clock, Tally, Events);
    }

    public async Task<Bucket> BucketAsync(string name, string owner = "a") =>
        (await Objects.Store.Buckets.CreateAsync(StoreFixture.Name(name), TestIdentity.IdOf(owner), owner, "us-east-1", Token))!;

    /// <summary>A bucket whose requests are logged.</summary>
    public async Task<Bucket> LoggedAsync(string name, string target, string prefix = "logs/", LogKeyFormat format = LogKeyFormat.Default, AccessControlList? grants = null)
    {
        Bucket bucket = await Objects.Store.Buckets.FindAsync(StoreFixture.Name(name), Token) ?? await BucketAsync(name);
        await SetAsync(bucket, BucketLogging.Stored, new BucketLogging(target, prefix) { Format = format, Grants = grants });
        return (await Objects.Store.Buckets.FindAsync(StoreFixture.Name(name), Token))!;
    }

    public ValueTask SetAsync<T>(Bucket bucket, StoredSetting<T> setting, T? value)
        where T : class => Objects.Store.Buckets.SetSettingAsync(bucket, setting, value, Token);

    public Task PolicyAsync(Bucket bucket, string statement) => SetAsync(
        bucket, AccessSettings.Policy, new StoredBucketPolicy(Encoding.UTF8.GetBytes($$"""{"Version":"2012-10-17","Statement":[{{statement}}]}"""), false)).AsTask();

    public void Add(Bucket bucket, string text) => Queue.Add(new LoggedLine(bucket.Id, bucket.Name.Value, Clock.GetUtcNow(), text));

    public Task CollectAsync() => Collector.RunOnceAsync(Token).AsTask();

    /// <summary>Lets the interval pass, and delivers.</summary>
    public async Task DeliverAsync()
    {
        await CollectAsync();
        Objects.Clock.Advance(Options.Interval);
        await CollectAsync();
        await Delivery.RunOnceAsync(Token);
    }

    /// <summary>The keys of a bucket's objects.</summary>
    public async Task<string[]> KeysAsync(Bucket bucket)
    {
        ObjectPage page = await Objects.Store.Lister.ListAsync(bucket, new ListQuery { MaxKeys = 1000 }, Token);
        return [.. page.Objects.Select(static found => found.Key.ToString())];
    }

    /// <summary>The lines in all of a bucket's objects.</summary>
    public async Task<string[]> LinesAsync(Bucket bucket)
    {
        var lines = new List<string>();
        foreach (string key in await KeysAsync(bucket))
        {
            string text = Encoding.ASCII.GetString((await Objects.ReadAsync(bucket, key))!);
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            lines.AddRange(text[..^1].Split('\n'));
        }

        return [.. lines];
    }

    public Task<StoredObject> FindAsync(Bucket bucket, string key) => Objects.FindAsync(bucket, key).AsTask();

    /// <summary>What an operator would be told.</summary>
    public sealed class KeptEvents : ILogEvents
    {
        private readonly Lock _gate = new();
        private readonly List<string> _all = [];

        public string[] All
        {
            get
            {
                lock (_gate)
                {
                    return [.. _all];
                }
            }
        }

        public void Lost(LogLoss why, long lines, Exception? cause) => Add($"lost {lines} {why} {cause?.Message}".TrimEnd());

        public void Dropped(LogDestination destination, LogLoss why, string reason, long lines) => Add($"dropped {lines} {why} {destination.Source}: {reason}");

        public void Failed(LogDestination destination, Exception cause, bool isExpected) => Add($"failed {destination.Source}: {cause.Message}{(isExpected ? "" : " (unexpected)")}");

        public void SettingFailed(Exception cause) => Add($"setting failed: {cause.Message}");

        public void Missing(string file, long bytes) => Add($"missing {bytes}");

        public void Torn(string file, long bytes) => Add($"torn {bytes}");

        public void SpoolFailed(Exception cause) => Add($"spool failed: {cause.Message}");

        private void Add(string told)
        {
            lock (_gate)
            {
                _all.Add(told);
            }
        }
    }
}
