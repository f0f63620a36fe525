using Tarn.Core.Acceleration;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.S3.Telemetry;
using Tarn.Server.Requests;
using Tarn.TestKit.Http;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Acceleration;

/// <summary>A GET that an accelerator resolves is the ordinary GET, but for its body.</summary>
public sealed class ResolveTests
{
    private static readonly string[] OfEachAnswer = ["x-amz-request-id", "x-amz-id-2", "Date", "Content-Length", AcceleratorHeaders.Plan, AcceleratorHeaders.Length];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_bytes_of_a_plan_are_those_of_the_object_whatever_its_layout(int seed)
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        var random = new Random(seed);
        Bucket bucket = await server.BucketAsync();
        var objects = new Dictionary<string, byte[]>();
        foreach ((string key, int size) in new[] { ("empty", 0), ("inline", 5000), ("small", 16 * 1024 + 1), ("blocks", 3 * BlockFrames.BlockSize), ("single", random.Next(1_000_000, 3_000_000)) })
        {
            objects[key] = Bytes(random, size);
            await server.PutAsync($"/bucket/{key}", objects[key]);
        }

        objects["parts"] = await MultipartAsync(server, bucket, random, "parts", copyFrom: null);
        objects["ranges"] = await MultipartAsync(server, bucket, random, "ranges", copyFrom: (objects["parts"], "parts"));
        (await server.DirectAsync("PUT", "/bucket/copy", [("x-amz-copy-source", "/bucket/ranges")])).Expect(200);
        objects["copy"] = objects["ranges"];

        foreach ((string key, byte[] bytes) in objects)
        {
            foreach (string? range in Ranges(random, bytes.Length))
            {
                (string, string)[] headers = range is null ? [] : [("range", range)];
                RawResponse ordinary = await server.SendAsync(AcceleratedServer.Forward, "GET", $"/bucket/{key}", headers);
                RawResponse resolved = await server.SendAsync(AcceleratedServer.Resolve, "GET", $"/bucket/{key}", headers);
                Assert.Equal(ordinary.Status, resolved.Status);
                AssertSameHeaders(ordinary, resolved);
                if (ordinary.Status >= 400 || key is "empty" or "inline")
                {
                    Assert.Null(resolved[AcceleratorHeaders.Plan]);
                    Assert.Equal(ordinary.Status >= 400 ? 0 : ordinary.Body.Length, ordinary.Status >= 400 ? 0 : resolved.Body.Length);
                    continue;
                }

                ReadPlan plan = AcceleratedServer.PlanOf(resolved);
                Assert.Equal(ordinary["Content-Length"], resolved[AcceleratorHeaders.Length]);
                Assert.Equal(bucket.Id, plan.Bucket);
                byte[] read = await server.ReadAsync(plan);
                Assert.True(ordinary.Body.AsSpan().SequenceEqual(read), $"{key} {range}");
            }
        }
    }

    [Fact]
    public async Task Everything_but_the_bytes_of_blobs_is_answered_as_it_is()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        string etag = (await server.DirectAsync("HEAD", "/bucket/key"))["ETag"]!;
        foreach ((string method, string target, (string, string)[] headers) in new (string, string, (string, string)[])[]
        {
            ("GET", "/bucket?list-type=2", []), ("GET", "/bucket/none", []), ("GET", "/none/key", []), ("GET", "/bucket/key", [("if-none-match", etag)]), ("GET", "/bucket/key", [("if-match", "\"x\"")]),
            ("GET", "/bucket/key", [("range", "bytes=100000-")]), ("GET", "/bucket/key?tagging", []), ("GET", "/bucket/key?partNumber=2", []), ("GET", "/bucket/key?versionId=x", []), ("GET", "/", []),
        })
        {
            RawResponse ordinary = await server.SendAsync(AcceleratedServer.Forward, method, target, headers);
            RawResponse resolved = await server.SendAsync(AcceleratedServer.Resolve, method, target, headers);
            Assert.Equal(ordinary.Status, resolved.Status);
            Assert.Null(resolved[AcceleratorHeaders.Plan]);
            AssertSameHeaders(ordinary, resolved);
        }

        // Marked forward, the bytes come themselves.
        Assert.Equal(100_000, (await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key")).Expect(200).Body.Length);
    }

    [Fact]
    public async Task A_head_tells_how_the_object_is_planned()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        byte[] bytes = StoreFixture.Bytes(300_000);
        await server.PutAsync("/bucket/key", bytes);
        await server.PutAsync("/bucket/inline", StoreFixture.Bytes(10));
        RawResponse head = (await server.SendAsync(AcceleratedServer.Resolve, "HEAD", "/bucket/key", [("range", "bytes=0-0")])).Expect(206);
        Assert.Equal("1", head["Content-Length"]);
        string continuation = Assert.IsType<string>(head[AcceleratorHeaders.Continuation]);
        Assert.Null((await server.SendAsync(AcceleratedServer.Forward, "HEAD", "/bucket/key"))[AcceleratorHeaders.Continuation]);
        Assert.Null((await server.SendAsync(AcceleratedServer.Resolve, "HEAD", "/bucket/inline"))[AcceleratorHeaders.Continuation]);

        // The same version, whatever the key names by now.
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(400_000, seed: 2));
        RawResponse answer = (await server.NodeAsync("POST", AcceleratorPaths.Continue, continuation)).Expect(200);
        Assert.Equal(PlanStatus.Valid, ReadPlan.TryDecode(answer.Body, out ReadPlan? plan));
        Assert.Equal(bytes, await server.ReadAsync(plan!));

        // Of its zone, unchanged, and in time.
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, continuation, envelope: server.Envelope(zone: "other"))).Expect(404);
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, continuation[..^2] + "AA")).Expect(404);
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, "")).Expect(404);
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, new string('A', 100_000))).Expect(400);
        server.Clock.Ahead = TimeSpan.FromHours(24);
        (await server.NodeAsync("POST", AcceleratorPaths.Continue, continuation)).Expect(404);
    }

    [Fact]
    public async Task Every_resolve_is_decided_anew()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        (await server.SendUnsignedAsync(AcceleratedServer.Resolve, "GET", "/bucket/key")).ExpectError(403, "AccessDenied");
        (await server.DirectAsync("PUT", "/bucket?policy", null, """
            {"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bucket/*"}]}
            """u8.ToArray())).Expect(204);
        Assert.Equal("1", (await server.SendUnsignedAsync(AcceleratedServer.Resolve, "GET", "/bucket/key")).Expect(200)[AcceleratorHeaders.Plan]);
        (await server.DirectAsync("DELETE", "/bucket?policy")).Expect(204);
        (await server.SendUnsignedAsync(AcceleratedServer.Resolve, "GET", "/bucket/key")).ExpectError(403, "AccessDenied");

        ReadPlan before = await server.PlanAsync("/bucket/key");
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(200_000));
        Assert.NotEqual(before.Extents[0].Blob, (await server.PlanAsync("/bucket/key")).Extents[0].Blob);
        (await server.DirectAsync("DELETE", "/bucket/key")).Expect(204);
        (await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key")).ExpectError(404, "NoSuchKey");
    }

    [Fact]
    public async Task A_resolve_is_told_from_an_ordinary_request_in_what_is_kept_of_it()
    {
        await using AcceleratedServer server = await AcceleratedServer.StartAsync();
        await server.PutAsync("/bucket/key", StoreFixture.Bytes(100_000));
        RawResponse answer = (await server.SendAsync(AcceleratedServer.Resolve, "GET", "/bucket/key", [("range", "bytes=10-50009")])).Expect(206);
        FinishedRequest kept = await server.KeptAsync(answer);
        Assert.Equal(("gpu-1", 50_000L, (long)answer.Body.Length, 206), (kept.Accelerator, kept.PlannedBytes, kept.BytesOut, kept.Status));
        string line = RequestLine.Of(kept);
        Assert.Contains("\"accelerator\":\"gpu-1\"", line, StringComparison.Ordinal);
        Assert.Contains("\"resolved\":true,\"plannedBytes\":50000", line, StringComparison.Ordinal);
        Assert.DoesNotContain(AcceleratedServer.PlanOf(answer).Extents[0].Capability, line, StringComparison.Ordinal);
        Assert.Null((await server.KeptAsync(await server.SendAsync(AcceleratedServer.Forward, "GET", "/bucket/key"))).PlannedBytes);
    }

    private static void AssertSameHeaders(RawResponse expected, RawResponse actual) => Assert.Equal(
        expected.Headers.Where(header => !OfEachAnswer.Contains(header.Name, StringComparer.OrdinalIgnoreCase)),
        actual.Headers.Where(header => !OfEachAnswer.Contains(header.Name, StringComparer.OrdinalIgnoreCase)));

    private static IEnumerable<string?> Ranges(Random random, int size)
    {
        yield return null;
        yield return "bytes=0-0";
        yield return "bytes=-1";
        yield return $"bytes={size}-";
        for (int i = 0; i < 3; i++)
        {
            int first = random.Next(Math.Max(1, size));
            yield return $"bytes={first}-{random.Next(first, size + 10)}";
        }
    }

    /// <summary>An object of parts: put, or copied from ranges of another one, of which the parts then have several runs.</summary>
    private static async Task<byte[]> MultipartAsync(AcceleratedServer server, Bucket bucket, Random random, string key, (byte[] Bytes, string Key)? copyFrom)
    {
        MultipartUpload upload = await server.Objects.Uploads.CreateAsync(
            bucket, StoreFixture.Key(key), bucket.OwnerId, "root", ObjectMetadata.Empty, null, Core.Hashing.ChecksumType.FullObject, Token);
        var all = new List<byte>();
        var parts = new List<UploadedPart>();
        for (int number = 1; number <= 3; number++)
        {
            int size = number == 3 ? random.Next(1, 100_000) : (int)MultipartUpload.MinPartSize + random.Next(200_000);
            if (copyFrom is { } source)
            {
                int offset = random.Next(source.Bytes.Length - size);
                parts.Add(await server.Objects.Parts.CopyAsync(
                    upload, number, async () => (await server.Objects.Reader.FindAsync(bucket, StoreFixture.Key(source.Key), Token))!, _ => (offset, size), Token));
                all.AddRange(source.Bytes.AsSpan(offset, size));
            }
            else
            {
                byte[] bytes = Bytes(random, size);
                parts.Add(await server.Objects.Parts.PutAsync(upload, number, new TestBody(bytes), new IngestRequest(), Token));
                all.AddRange(bytes);
            }
        }

        await server.Objects.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), StoreFixture.Request([.. parts]), Token);
        return [.. all];
    }

    private static byte[] Bytes(Random random, int size)
    {
        byte[] bytes = new byte[size];
        random.NextBytes(bytes);
        return bytes;
    }
}
