using Microsoft.Extensions.Time.Testing;
using Tarn.Core.Acceleration;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Acceleration;

/// <summary>A GET that is resolved counts once, with all that its client is to get.</summary>
public sealed class PlannedBytesTests
{
    private const int Part = (int)MultipartUpload.MinPartSize;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_range_of_several_plans_is_one_request_with_all_of_its_bytes()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        Bucket bucket = await server.BucketAsync();
        long size = await LargeAsync(server, bucket, "large");
        await server.PutAsync("/bucket/small", [1]);
        await server.KeptAsync(await server.DirectAsync("HEAD", "/bucket/small"));
        long bytes = server.Objects.Activity.Total(bucket.Id).BytesOut, requests = server.Objects.Activity.Total(bucket.Id).Requests;

        RawResponse answer = await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/large", [("range", "bytes=5-")]);
        ReadPlan plan = AcceleratedServer.PlanOf(answer);
        Assert.True(plan.Length < size - 5);
        FinishedRequest kept = await server.KeptAsync(answer);
        Assert.Equal((size - 5, size - 5, (long)answer.Body.Length, 206), (kept.PlannedBytes, kept.BytesForClient, kept.BytesOut, kept.Status));
        Assert.Equal(size - 5, server.Objects.Activity.Total(bucket.Id).BytesOut - bytes);

        // The line of S3's form says what the client is to get, and how large the object is.
        Assert.Contains($" 206 - {size - 5} {size} ", S3LogLine.Of(kept), StringComparison.Ordinal);
        Assert.Contains($"\"resolved\":true,\"plannedBytes\":{size - 5}", RequestLine.Of(kept), StringComparison.Ordinal);

        // What continues it adds nothing: the next request of a client is the next one that counts.
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, plan.Next)).Expect(200);
        await server.KeptAsync(await server.DirectAsync("HEAD", "/bucket/small"));
        Assert.Equal((requests + 2, bytes + size - 5), (server.Objects.Activity.Total(bucket.Id).Requests, server.Objects.Activity.Total(bucket.Id).BytesOut));
    }

    [Fact]
    public void Rates_have_what_clients_are_to_get()
    {
        var clock = new FakeTimeProvider();
        using var rates = new RequestRates(clock);
        rates.Add(new FinishedRequest { Method = "GET", Started = clock.GetUtcNow(), Status = 200, Total = TimeSpan.FromMilliseconds(1), BytesOut = 500, PlannedBytes = 3L << 30 });
        rates.Add(new FinishedRequest { Method = "GET", Started = clock.GetUtcNow(), Status = 200, Total = TimeSpan.FromMilliseconds(1), BytesOut = 7 });
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal((3L << 30) + 7, Assert.Single(rates.Last(1)).Done.BytesOut);
    }

    [Fact]
    public async Task A_line_has_the_token_for_operators_and_tells_the_clients_tls_from_the_accelerators()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        AcceleratorToken token = (await server.Tokens.AuthenticateAsync(server.TokenText, Token))!;
        FinishedRequest kept = await server.KeptAsync(await server.SendAsync("resolve;for=192.0.2.7:5;tls=1", "GET", "/bucket/key"));
        Assert.Contains($"\"accelerator\":\"gpu-1\",\"acceleratorToken\":\"{token.Id}\"", RequestLine.Of(kept), StringComparison.Ordinal);
        Assert.Contains("\"clientTls\":true", RequestLine.Of(kept), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Id, RequestLine.For(kept, kept.Principal!.OwnerId), StringComparison.Ordinal);
        kept = await server.KeptAsync(await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key"));
        Assert.Contains("\"clientTls\":false", RequestLine.Of(kept), StringComparison.Ordinal);
        Assert.DoesNotContain("clientTls", RequestLine.Of(await server.KeptAsync(await server.DirectAsync("GET", "/bucket/key"))), StringComparison.Ordinal);
    }

    /// <summary>An object of more bytes than a plan has, of parts that are all copies of one.</summary>
    private static async Task<long> LargeAsync(AcceleratedServer server, Bucket bucket, string key)
    {
        await server.PutAsync("/bucket/part", StoreFixture.Bytes(Part));
        MultipartUpload upload = await server.Objects.Uploads.CreateAsync(bucket, StoreFixture.Key(key), bucket.OwnerId, "root", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
        var parts = new List<UploadedPart>();
        for (int number = 1; (number - 1L) * Part <= ReadPlan.MaxLength; number++)
        {
            parts.Add(await server.Objects.Parts.CopyAsync(upload, number, async () => (await server.Objects.Reader.FindAsync(bucket, StoreFixture.Key("part"), Token))!, static _ => (0, Part), Token));
        }

        await server.Objects.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), StoreFixture.Request([.. parts]), Token);
        return parts.Count * (long)Part;
    }
}
