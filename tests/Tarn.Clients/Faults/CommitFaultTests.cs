using System.Globalization;
using System.Net;
using Tarn.TestKit.Faults;
using Tarn.TestKit.Http;

namespace Tarn.Clients.Faults;

/// <summary>
/// A failed metadata write is never answered with success, and earlier acknowledged writes are read correctly, in the
/// same process and after a restart.
/// </summary>
public sealed class CommitFaultTests
{
    private const string Log = "meta/*.log";
    private const int Blob = 100_000;
    private const int Row = 1000;

    [Theory]
    [InlineData(FaultCalls.Sync, Errno.Input)]
    [InlineData(FaultCalls.Write, Errno.Input)]
    public async Task A_commit_that_the_log_does_not_take_is_not_acknowledged(FaultCalls call, int error)
    {
        await using var server = await FaultyServer.StartAsync();
        byte[] old = FaultyServer.Content(Blob, 1), later = FaultyServer.Content(Blob, 2), row = FaultyServer.Content(Row, 3);
        await server.PutAsync("blob", old);
        await server.PutAsync("row", row);
        await server.PutAsync("deleted", row);
        await server.PutAsync("source", old);
        var upload = await BeginAsync(server);
        var etag = (await server.Client.SendAsync(HttpMethod.Put, FaultyServer.Bucket, "parts", upload, body: old)).Expect().Header("ETag")!;

        using (var fault = server.Faults.Add(call, Log, error))
        {
            // Each kind of commit; the first meets the failing call, the others a store that accepts no more writes.
            AssertFailed(await server.Client.PutAsync(FaultyServer.Bucket, "row", FaultyServer.Content(Row, 4)));
            AssertFailed(await server.Client.PutAsync(FaultyServer.Bucket, "blob", later));
            AssertFailed(await server.Client.PutAsync(FaultyServer.Bucket, "new", later));
            AssertFailed(await server.Client.DeleteAsync(FaultyServer.Bucket, "deleted"));
            AssertFailed(await server.Client.CopyAsync(FaultyServer.Bucket, "source", "copy"));
            AssertFailed(await CompleteAsync(server, upload["uploadId"], etag));
            Assert.True(fault.Hits >= 1);
            await server.AssertIsAsync("row", row);
            await server.AssertIsAsync("blob", old);
            await server.AssertIsAsync("deleted", row);
            await server.AssertAbsentAsync("new");
        }

        // Nothing is accepted once the device works again either: what is in the log after the failure is unknown.
        AssertFailed(await server.Client.PutAsync(FaultyServer.Bucket, "new", later));
        await server.Server.StopAsync();
        await server.Server.RestartAsync();

        // The one commit that met the failure may have reached the device or not; no other can have.
        var first = await server.Client.GetAsync(FaultyServer.Bucket, "row");
        Assert.True(first.Body.AsSpan().SequenceEqual(row) || first.Body.AsSpan().SequenceEqual(FaultyServer.Content(Row, 4)));
        await server.AssertIsAsync("blob", old);
        await server.AssertIsAsync("deleted", row);
        await server.AssertAbsentAsync("new");
        await server.AssertAbsentAsync("copy");
        await server.AssertAbsentAsync("parts");
        (await CompleteAsync(server, upload["uploadId"], etag)).Expect();
        await server.AssertIsAsync("parts", old);
        await server.AssertBlobFilesAsync(3);
    }

    [Theory]
    [InlineData(FaultCalls.Write, "meta/MANIFEST-*")]
    [InlineData(FaultCalls.Sync, "meta/MANIFEST-*")]
    [InlineData(FaultCalls.Write, "meta/*.sst")]
    [InlineData(FaultCalls.Sync, "meta/*.sst")]
    [InlineData(FaultCalls.Open, "meta/*.sst")]
    [InlineData(FaultCalls.Write, "meta/*.blob")]
    [InlineData(FaultCalls.Sync, "meta/*.blob")]
    [InlineData(FaultCalls.Close, "meta/*.sst")]
    [InlineData(FaultCalls.Sync, "meta")]
    public async Task What_was_acknowledged_survives_a_flush_that_fails(FaultCalls call, string pattern)
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(16 << 10, 1);
        await server.PutAsync("before", row);
        var acknowledged = new List<string>();
        using (var fault = server.Faults.Add(call, pattern))
        {
            // Until the table of recent writes has been flushed, and the flush has failed; what comes then may be refused.
            for (var i = 0; i < 4000 && (fault.Hits == 0 || i % 50 != 0); i++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"key{i:d4}");
                if ((await server.Client.PutAsync(FaultyServer.Bucket, key, row)).Status != HttpStatusCode.OK)
                {
                    break;
                }

                acknowledged.Add(key);
            }

            Assert.True(fault.Hits > 0);
            await server.AssertIsAsync("before", row);
            await server.AssertIsAsync(acknowledged[^1], row);
            await server.Server.KillHardAsync();
        }

        await server.Server.RestartAsync();
        await server.AssertIsAsync("before", row);
        Assert.Equal(["before", .. acknowledged], (await server.Client.ListAsync(FaultyServer.Bucket)).Select(o => o.Key).Where(k => k == "before" || acknowledged.Contains(k)));
        foreach (var key in acknowledged.Where((_, i) => i % 97 == 0).Append(acknowledged[^1]))
        {
            await server.AssertIsAsync(key, row);
        }

        await server.PutAsync("after", row);
    }

    [Fact]
    public async Task A_table_that_cannot_be_read_is_an_error_and_not_an_object_that_is_not_there()
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(Row, 1);
        foreach (var i in Enumerable.Range(0, 300))
        {
            await server.PutAsync(string.Create(CultureInfo.InvariantCulture, $"key{i:d3}"), row);
        }

        // A stop flushes, so that the next process reads tables; more of them than one block, which the start may have read.
        await server.Server.StopAsync();
        await server.Server.RestartAsync();
        using (var fault = server.Faults.Add(FaultCalls.Read, "meta/*.sst"))
        {
            AssertFailed(await server.Client.GetAsync(FaultyServer.Bucket, "key150"));
            AssertFailed(await server.Client.SendAsync(HttpMethod.Get, FaultyServer.Bucket));
            Assert.True(fault.Hits > 0);
        }

        await server.AssertIsAsync("key150", row);
        Assert.Equal(300, (await server.Client.ListAsync(FaultyServer.Bucket)).Count);
    }

    [Fact]
    public async Task A_full_disk_refuses_a_commit_and_the_store_goes_on_once_there_is_room()
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(Row, 1);
        await server.PutAsync("before", row);
        foreach (var call in new[] { FaultCalls.Write, FaultCalls.Sync })
        {
            using (server.Faults.Add(call, Log, Errno.NoSpace))
            {
                Assert.Equal(HttpStatusCode.InsufficientStorage, (await server.Client.PutAsync(FaultyServer.Bucket, "refused", row)).Status);
                Assert.Equal(HttpStatusCode.InsufficientStorage, (await server.Client.DeleteAsync(FaultyServer.Bucket, "before")).Status);
                await server.AssertIsAsync("before", row);
            }

            await PutOnceThereIsRoomAsync(server, call.ToString(), row);
        }

        await server.AssertAbsentAsync("refused");
        await server.Server.KillHardAsync();
        await server.Server.RestartAsync();
        foreach (var key in new[] { "before", "Write", "Sync" })
        {
            await server.AssertIsAsync(key, row);
        }
    }

    [Theory]
    [InlineData(FaultCalls.Open, "meta/*.sst")]
    [InlineData(FaultCalls.Write, "meta/*.sst")]
    [InlineData(FaultCalls.Sync, "meta/*.sst")]
    [InlineData(FaultCalls.Open, "meta/*.blob")]
    [InlineData(FaultCalls.Write, "meta/*.blob")]
    [InlineData(FaultCalls.Write, "meta/MANIFEST-*")]
    [InlineData(FaultCalls.Sync, "meta/MANIFEST-*")]
    public async Task A_full_disk_at_a_flush_is_got_over_once_there_is_room(FaultCalls call, string pattern)
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(16 << 10, 1);
        var acknowledged = new List<string>();
        using (var fault = server.Faults.Add(call, pattern, Errno.NoSpace))
        {
            for (var i = 0; i < 4000 && (fault.Hits == 0 || i % 50 != 0); i++)
            {
                var key = string.Create(CultureInfo.InvariantCulture, $"key{i:d4}");
                var put = await server.Client.PutAsync(FaultyServer.Bucket, key, row);
                if (put.Status != HttpStatusCode.OK)
                {
                    Assert.Equal(HttpStatusCode.InsufficientStorage, put.Status);
                    break;
                }

                acknowledged.Add(key);
            }

            Assert.True(fault.Hits > 0);
        }

        await PutOnceThereIsRoomAsync(server, "after", row);
        await server.Server.KillHardAsync();
        await server.Server.RestartAsync();
        await server.AssertIsAsync("after", row);
        await server.AssertIsAsync(acknowledged[0], row);
        await server.AssertIsAsync(acknowledged[^1], row);
    }

    [Fact]
    public async Task A_full_disk_at_the_first_commit_of_a_process_is_no_different()
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(Row, 1);
        await server.PutAsync("before", row);
        await server.Server.StopAsync();
        await server.Server.RestartAsync();
        using (server.Faults.Add(FaultCalls.Write, Log, Errno.NoSpace))
        {
            Assert.Equal(HttpStatusCode.InsufficientStorage, (await server.Client.PutAsync(FaultyServer.Bucket, "refused", row)).Status);
        }

        await PutOnceThereIsRoomAsync(server, "after", row);
        await server.Server.KillHardAsync();
        await server.Server.RestartAsync();
        await server.AssertIsAsync("before", row);
        await server.AssertIsAsync("after", row);
    }

    [Theory]
    [InlineData(FaultCalls.Sync, true, false)]
    [InlineData(FaultCalls.Sync, false, false)]
    [InlineData(FaultCalls.Sync, true, true)]
    [InlineData(FaultCalls.Sync, false, true)]
    [InlineData(FaultCalls.Write, true, false)]
    [InlineData(FaultCalls.Write, false, false)]
    [InlineData(FaultCalls.Write, true, true)]
    [InlineData(FaultCalls.Write, false, true)]
    public async Task A_kill_after_the_store_has_found_room_again_leaves_one_that_starts(FaultCalls call, bool first, bool commit)
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(Row, 1);
        await server.PutAsync("before", row);
        if (first)
        {
            await server.Server.StopAsync();
            await server.Server.RestartAsync();
        }

        // The log with the commit that was refused, whole or torn, is not needed any more, and not removed yet.
        using (var removal = server.Faults.Add(FaultCalls.Unlink, Log))
        {
            using (call == FaultCalls.Write ? server.Faults.Add(call, Log, Errno.NoSpace, FaultAction.Short, times: 1) : null)
            using (server.Faults.Add(call, Log, Errno.NoSpace, times: 1))
            {
                Assert.Equal(HttpStatusCode.InsufficientStorage, (await server.Client.PutAsync(FaultyServer.Bucket, "refused", row)).Status);
            }

            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
            while (removal.Hits == 0)
            {
                await tick.WaitForNextTickAsync(limit.Token);
            }

            if (commit)
            {
                await PutOnceThereIsRoomAsync(server, "after", row);
            }

            await server.Server.KillHardAsync();
        }

        await server.Server.RestartAsync();
        await server.AssertIsAsync("before", row);
        if (commit)
        {
            await server.AssertIsAsync("after", row);
        }
    }

    [Theory]
    [InlineData(FaultCalls.Sync, "meta/MANIFEST-*")]
    [InlineData(FaultCalls.Rename, "meta/*")]
    [InlineData(FaultCalls.Read, "meta/CURRENT")]
    [InlineData(FaultCalls.Read, "meta/MANIFEST-*")]
    public async Task A_start_that_the_metadata_fails_is_refused_and_loses_nothing(FaultCalls call, string pattern)
    {
        await using var server = await FaultyServer.StartAsync();
        var row = FaultyServer.Content(Row, 1);
        await server.PutAsync("key", row);
        await server.Server.KillHardAsync();
        using (server.Faults.Add(call, pattern))
        {
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(server.Server.RestartAsync);
            Assert.Contains("metadata", refused.Message, StringComparison.Ordinal);
        }

        await server.Server.RestartAsync();
        await server.AssertIsAsync("key", row);
    }

    /// <summary>RocksDB itself checks for free space every few seconds.</summary>
    private static async Task PutOnceThereIsRoomAsync(FaultyServer server, string key, byte[] content)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        RawS3Response put;
        while ((put = await server.Client.PutAsync(FaultyServer.Bucket, key, content)).Status == HttpStatusCode.InsufficientStorage)
        {
            await tick.WaitForNextTickAsync(limit.Token);
        }

        put.Expect();
    }

    private static void AssertFailed(RawS3Response answer) =>
        Assert.True(answer.Status is HttpStatusCode.InternalServerError or HttpStatusCode.ServiceUnavailable, $"answered {(int)answer.Status}");

    private static async Task<Dictionary<string, string>> BeginAsync(FaultyServer server)
    {
        var begun = await server.Client.SendAsync(HttpMethod.Post, FaultyServer.Bucket, "parts", new Dictionary<string, string> { ["uploads"] = "" });
        var id = begun.Expect().Xml.Elements().Single(e => e.Name.LocalName == "UploadId").Value;
        return new Dictionary<string, string> { ["partNumber"] = "1", ["uploadId"] = id };
    }

    private static Task<RawS3Response> CompleteAsync(FaultyServer server, string upload, string etag) =>
        server.Client.SendAsync(
            HttpMethod.Post,
            FaultyServer.Bucket,
            "parts",
            new Dictionary<string, string> { ["uploadId"] = upload },
            body: System.Text.Encoding.UTF8.GetBytes(
                $"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"));
}
