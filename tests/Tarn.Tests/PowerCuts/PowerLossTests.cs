using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Tarn.Core;
using Tarn.Core.Buckets;
using Tarn.Core.Scrubbing;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Storage;
using Tarn.Server.Storage;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;
using Tarn.TestKit.Servers;
using Tarn.Tests.Objects;
using Tarn.Tests.Server;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.PowerCuts;

/// <summary>
/// What was answered survives a power cut: the file calls of a real server under load are recorded with their bytes, and at each of 100 points a disk is
/// made that has only what was synced by then, and of the rest whatever chance leaves (<see cref="PowerLoss"/>). The stores must open on it, every object must be
/// as an answer said or as a request that was not yet answered would have it, and no blob may be without a row.
/// </summary>
public sealed class PowerLossTests
{
    private const string BucketName = "power";
    private const int Workers = 4;
    private const int Points = 100;

    [Fact]
    public async Task What_was_answered_is_there_after_a_power_cut_at_any_point()
    {
        FaultShim.Need();
        using var directory = new TemporaryDirectory("power");
        using var faults = new FaultInjection(directory.PathOf("data"), journal: true, bytes: true);
        (List<Step> history, long from) = await RecordAsync(directory.PathOf("data"), faults);
        var power = new PowerLoss(faults);
        var random = new Random(1);
        for (int i = 0; i < Points; i++)
        {
            long point = random.NextInt64(from, faults.Position + 1);
            string image = directory.PathOf("image");
            power.Restore(image, point, seed: i);
            try
            {
                await AssertKeptAsync(image, history, point);
            }
            catch (Exception e)
            {
                Assert.Fail($"After a power cut at {point} with seed {i}: {e}");
            }

            Directory.Delete(image, recursive: true);
        }
    }

    /// <summary>Runs a server under load, with a restart, and ends it. Answers what was done, and the position from which the bucket was there.</summary>
    private static async Task<(List<Step> History, long From)> RecordAsync(string data, FaultInjection faults)
    {
        await using TarnServer server = await TarnServer.StartAsync(new TarnServerOptions { DataDirectory = data, Environment = faults.Environment });
        using var client = new RawS3Client(server.Endpoint);
        await client.CreateBucketAsync(BucketName);
        long from = faults.Position;
        var histories = new List<Step>[Workers];
        for (int run = 0; run < 2; run++)
        {
            int first = run * 100;
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => WorkAsync(client, faults, worker, first, histories[worker] ??= [])));
            if (run == 0)
            {
                await server.StopAsync();
                await server.RestartAsync();
            }
        }

        await server.KillHardAsync();
        return ([.. histories.SelectMany(steps => steps)], from);
    }

    private static async Task WorkAsync(RawS3Client client, FaultInjection faults, int worker, int first, List<Step> history)
    {
        var random = new Random((worker * 1000) + first);
        for (int i = 0; i < 16; i++)
        {
            string key = $"{worker}-{random.Next(4)}";
            int kind = random.Next(8);
            byte[]? content = kind == 0 ? null : new byte[kind < 3 ? 1000 : i == 7 && worker == 0 ? 4_500_000 : random.Next(17_000, 70_000)];
            random.NextBytes(content ?? []);
            long began = faults.Position;
            RawS3Response answer = content is null
                ? await client.SendAsync(HttpMethod.Delete, BucketName, key)
                : await client.PutAsync(BucketName, key, content);
            answer.Expect();
            history.Add(new Step(key, content, began, faults.Position));
        }
    }

    private static async Task AssertKeptAsync(string image, List<Step> history, long point)
    {
        await using Engines engines = await Engines.OpenAsync(
            Bound.From(new() { ["--data"] = [image], ["--expect-data"] = ["true"], ["--durability"] = ["relaxed"] }),
            SystemRandomSource.Instance,
            TimeProvider.System,
            metadataFiles: 64,
            NullLoggerFactory.Instance,
            Token);
        var store = new ObjectStore(engines.Metadata, engines.Blobs, TimeProvider.System, SystemRandomSource.Instance, new ObjectStoreOptions());
        Bucket bucket = (await store.Buckets.FindAsync(Name(BucketName), Token))!;
        foreach (IGrouping<string, Step> steps in history.GroupBy(step => step.Key))
        {
            byte[]? last = steps.LastOrDefault(step => step.Answered <= point)?.Content;
            byte[]? found = await ReadAsync(store, bucket, steps.Key);
            Assert.True(
                IsSame(last, found) || steps.Any(step => step.Began <= point && point < step.Answered && IsSame(step.Content, found)),
                $"{steps.Key} has {found?.Length.ToString() ?? "no"} bytes, not the {last?.Length.ToString() ?? "none"} that were answered");
        }

        var later = new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(2));
        var orphans = new OrphanScan(engines.Metadata, engines.Blobs, new BlobHolders(engines.Metadata, later) { Pause = TimeSpan.Zero }, later);
        await orphans.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(0, 0), orphans.Left);
    }

    private static async Task<byte[]?> ReadAsync(ObjectStore store, Bucket bucket, string key)
    {
        (StoredObject? found, IObjectContent? content) = await store.Reader.OpenAsync(bucket, Key(key), null, Token);
        return found is null ? null : await StoreFixture.ReadAsync(content!, 0, found.Size);
    }

    private static bool IsSame(byte[]? x, byte[]? y) => x is null || y is null ? x == y : x.AsSpan().SequenceEqual(y);

    /// <summary>One request: the content that it gave the key, null for none, and the positions before it and after its answer.</summary>
    private sealed record Step(string Key, byte[]? Content, long Began, long Answered);
}
