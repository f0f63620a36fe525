using Tarn.TestKit.Faults;

namespace Tarn.Clients.Faults;

/// <summary>Checks that the library sees the server's file calls; otherwise the tests that use it would prove nothing.</summary>
public sealed class FaultShimTests
{
    [Theory]
    [InlineData(100_000)]
    [InlineData(5_000_000)] // past the page cache, where the file system can
    public async Task An_upload_is_seen_as_the_calls_that_make_it_durable_in_their_order(int size)
    {
        await using var server = await FaultyServer.StartAsync(journal: true);
        var before = server.Faults.ReadJournal().Count;
        await server.PutAsync("key", FaultyServer.Content(size, 1));
        var calls = server.Faults.ReadJournal().Skip(before).ToArray();

        var final = Assert.Single(server.BlobFiles);
        var temporary = "blobs/tmp/" + Path.GetFileName(final);

        // The content, and after it the checksums of its blocks and what it is.
        Assert.InRange(new FileInfo(Path.Combine(server.Data, final)).Length, size + 1, size + 4096);
        Assert.Equal(new FileInfo(Path.Combine(server.Data, final)).Length, calls.Where(c => c is { Call: "write" } && c.Path == temporary).Sum(c => c.Result));
        var written = calls.Last(c => c.Call == "write" && c.Path == temporary);
        var synced = Assert.Single(calls, c => c.Call == "fsync" && c.Path == final);
        var renamed = Assert.Single(calls, c => c.Call == "rename" && c.Path == temporary && c.Other == final);
        var named = Assert.Single(calls, c => c.Call == "fsync" && c.Path == Path.GetDirectoryName(final));
        var logged = calls.Last(c => c.Call == "write" && c.Path.StartsWith("meta/", StringComparison.Ordinal) && c.Path.EndsWith(".log", StringComparison.Ordinal));
        var committed = calls.Last(c => c.Call is "fdatasync" or "fsync" && c.Path == logged.Path);
        Assert.True(written.Ended < renamed.Began && renamed.Ended < synced.Began && synced.Ended < named.Began);
        Assert.True(named.Ended < logged.Began && logged.Ended < committed.Began);
    }

    [Fact]
    public async Task Names_are_seen_that_are_made_and_removed()
    {
        await using var server = await FaultyServer.StartAsync(journal: true);
        await server.PutAsync("key", FaultyServer.Content(100_000, 1));
        await server.Server.StopAsync();
        var calls = server.Faults.ReadJournal();
        Assert.Contains(calls, c => c is { Call: "mkdir", Path: "blobs" });
        Assert.Contains(calls, c => c is { Call: "rename", Other: "format" });
        Assert.Contains(calls, c => c is { Call: "fsync", Path: "." });
        Assert.Contains(calls, c => c is { Call: "rename", Other: "meta/CURRENT" });
        Assert.Contains(calls, c => c.Call == "write" && c.Path.StartsWith("meta/MANIFEST-", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.Call is "fsync" or "fdatasync" && c.Path.StartsWith("meta/MANIFEST-", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.Call is "fsync" && c.Path == "meta");
        Assert.Contains(calls, c => c.Call == "write" && c.Path.EndsWith(".sst", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.Call is "fsync" or "fdatasync" && c.Path.EndsWith(".sst", StringComparison.Ordinal));
        Assert.Contains(calls, c => c.Call == "unlink" && c.Path.StartsWith("meta/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_server_is_killed_at_the_call_that_is_named()
    {
        await using var server = await FaultyServer.StartAsync();
        await server.PutAsync("old", FaultyServer.Content(100_000, 1));
        server.Faults.Add(FaultCalls.Rename, "blobs/tmp/*", action: FaultAction.Kill);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => server.PutAsync("old", FaultyServer.Content(100_000, 2)));
        await server.Server.KillHardAsync();
        await server.Server.RestartAsync();
        await server.AssertIsAsync("old", FaultyServer.Content(100_000, 1));
        await server.AssertBlobFilesAsync(1);
    }
}
