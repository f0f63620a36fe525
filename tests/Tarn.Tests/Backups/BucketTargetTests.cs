using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Tarn.Core.Backups;
using Tarn.Core.Buckets;
using Tarn.Core.Consistency;
using Tarn.Core.Disks.Catalog;
using Tarn.Server.Backups;
using Tarn.TestKit.Hosting;
using Tarn.Tests.Control;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>Backups in a bucket of another server.</summary>
public sealed class BucketTargetTests : IAsyncLifetime
{
    private const string Place = "s3://backups/tarn/daily";
    private static readonly byte[] Small = StoreFixture.Bytes(100, 1), Middle = StoreFixture.Bytes(100_000, 2), Large = StoreFixture.Bytes(20_000_000, 3);

    private InProcessServer _other = null!;
    private IAmazonS3 _client = null!;

    public async ValueTask InitializeAsync()
    {
        _other = await InProcessServer.StartAsync();
        _client = Client();
        await _client.PutBucketAsync("backups", StoreFixture.Token);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task A_backup_in_a_bucket_is_incremental_verified_and_restored()
    {
        await using BackupServer server = await BackupServer.StartAsync(s3: Client);
        Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "small", Small);
        await server.PutAsync(bucket, "middle", Middle);
        await server.PutAsync(bucket, "large", Large);
        BackupJob first = await CreateAsync(server);
        Assert.Equal((BackupState.Succeeded, null, 2), (first.State, first.Error, first.Manifest?.Blobs));
        BackupJob second = await CreateAsync(server);
        Assert.Equal((2, 0), (second.Manifest!.Blobs, second.Manifest.CopiedBytes));

        BackupJob verified = await server.RunAsync("POST", "/api/backups/verify", $$"""{"target":"{{Place}}"}""");
        Assert.Equal((BackupState.Succeeded, null), (verified.State, verified.Error));
        Assert.Equal(2, (await server.DataAsync("GET", "/api/backups?target=" + Uri.EscapeDataString(Place))).GetProperty("backups").GetArrayLength());
        string restored = server.PathOf("restored");
        await using (S3Target target = await S3Target.OpenAsync(Client(), BackupPlaces.ParseBucket(Place), root: null, StoreFixture.Token))
        {
            BackupManifest manifest = await BackupReading.FindAsync(target, null, StoreFixture.Token);
            Assert.Empty(await RestoreDirectory.RunAsync(target, manifest, restored, null, null, new BackupProgress(), StoreFixture.Token));
        }

        Assert.Equal(0, (await BackupServer.CommandAsync("fsck", "--data", restored)).Code);
        await BackupServer.OpenAsync(restored, async store => Assert.Equal(Large, await BackupServer.ReadAsync(store, "large")));

        ListObjectsV2Response objects = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "backups", Prefix = "tarn/daily/blobs/" }, StoreFixture.Token);
        string blob = objects.S3Objects.Single(item => item.Size < 1_000_000).Key;
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "backups", Key = blob, ContentBody = "other bytes" }, StoreFixture.Token);
        verified = await server.RunAsync("POST", "/api/backups/verify", $$"""{"target":"{{Place}}"}""");
        Assert.Equal(("wrong-length", "middle"), (Assert.Single(verified.Problems).Kind, verified.Problems[0].Key));
        await CreateAsync(server);
        Assert.Empty((await server.RunAsync("POST", "/api/backups/verify", $$"""{"target":"{{Place}}"}""")).Problems);

        foreach (string name in new[] { first.Id, second.Id })
        {
            Assert.Equal(BackupState.Succeeded, (await server.RunAsync("DELETE", $"/api/backups/{name}?target=" + Uri.EscapeDataString(Place), null)).State);
        }

        await server.DeleteAsync(bucket, "large");
        string last = (await CreateAsync(server)).Id;
        await server.RunAsync("DELETE", $"/api/backups/{server.Jobs.Last!.Id}?target=" + Uri.EscapeDataString(Place), null);
        Assert.NotEmpty(last);
    }

    [Fact]
    public async Task A_bucket_that_is_not_allowed_missing_or_has_something_else_is_refused()
    {
        await using BackupServer server = await BackupServer.StartAsync(s3: Client);
        foreach (string target in new[] { "s3://backups", "s3://other/tarn", "s3://backups/tarnished", "s3://backups/tarn/../x", "s3://", "s3:///x", "s3://backups//tarn" })
        {
            await server.RefusalAsync(400, ControlServer.Root, "POST", "/api/backups", $$"""{"target":"{{target}}"}""");
        }

        await server.RefusalAsync(400, ControlServer.Root, "GET", "/api/backups?target=" + Uri.EscapeDataString(Place));
        await _client.PutObjectAsync(new PutObjectRequest { BucketName = "backups", Key = "tarn/daily/mine", ContentBody = "x" }, StoreFixture.Token);
        BackupJob job = await CreateAsync(server);
        Assert.Equal(BackupState.Failed, job.State);
        Assert.Contains("has something else than backups of Tarn", job.Error, StringComparison.Ordinal);
        await _client.DeleteObjectAsync("backups", "tarn/daily/mine", StoreFixture.Token);
        await _client.DeleteBucketAsync("backups", StoreFixture.Token);
        job = await CreateAsync(server);
        Assert.Equal(BackupState.Failed, job.State);
        Assert.StartsWith("s3://backups/tarn/daily: ", job.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bucket_of_the_server_itself_is_refused_and_left_as_it_was()
    {
        BackupServer? own = null;
        await using BackupServer server = own = await BackupServer.StartAsync(s3: () => Client(own!.S3Url));
        using IAmazonS3 client = Client(server.S3Url);
        await client.PutBucketAsync("backups", StoreFixture.Token);
        for (int i = 0; i < 2; i++)
        {
            BackupJob job = await CreateAsync(server);
            Assert.Equal((BackupState.Failed, "s3://backups/tarn/daily is in this server itself: each backup would copy the ones before"), (job.State, job.Error));
        }

        ListObjectsV2Response left = await client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "backups" }, StoreFixture.Token);
        Assert.Equal(["tarn/daily/tarn-backups"], left.S3Objects.Select(static item => item.Key));
    }

    [Fact]
    public async Task A_bucket_that_is_missing_is_no_damage_to_what_was_in_it()
    {
        using var there = new S3Objects(Client(), "backups", "");
        using var missing = new S3Objects(Client(), "missing", "");
        Assert.Null(await there.FindAsync("x", StoreFixture.Token));
        Assert.Null(await there.OpenAsync("x", 0, StoreFixture.Token));
        Assert.Null(await missing.FindAsync("x", StoreFixture.Token));
        Assert.StartsWith("s3://missing/: ", (await Assert.ThrowsAsync<CopyPlaceException>(() => missing.ThrowIfNoBucketAsync(StoreFixture.Token))).Message, StringComparison.Ordinal);
        using var scratch = new ScratchFiles();
        await Assert.ThrowsAsync<CopyPlaceException>(async () => await new S3Blobs(missing, scratch).FindAsync(default, StoreFixture.Token));
        await Assert.ThrowsAsync<CopyPlaceException>(() => missing.OpenAsync("x", 0, StoreFixture.Token));
    }

    [Fact]
    public async Task What_this_machine_cannot_keep_is_no_damage_to_what_is_in_a_bucket()
    {
        await using S3Target target = await S3Target.OpenAsync(Client(), BackupPlaces.ParseBucket(Place), root: BackupPlaces.ParseBucket("s3://backups/tarn"), StoreFixture.Token);
        string scratch = target.CreateScratch(), path = Path.Combine(scratch, "list");
        await File.WriteAllBytesAsync(path, Small, StoreFixture.Token);
        BackupFile file;
        await using (FileStream content = File.OpenRead(path))
        {
            (long length, string sha256, _) = await target.AddAsync(content, mayShare: false, StoreFixture.Token);
            file = new BackupFile("blobs", length, sha256);
        }

        (Stream? list, BackupProblem? problem) = await VerifiedFile.OpenListAsync(target, file, read: null, StoreFixture.Token);
        await list!.DisposeAsync();
        Assert.Null(problem);
        string temporary = Path.GetDirectoryName(scratch)!;
        Directory.Delete(temporary, recursive: true);
        CopyPlaceException failure = await Assert.ThrowsAsync<CopyPlaceException>(async () => await VerifiedFile.OpenListAsync(target, file, read: null, StoreFixture.Token));
        Assert.StartsWith($"the directory for temporary files {temporary}: ", failure.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<CopyPlaceException>(async () => await target.FetchAsync(file.Sha256, path, StoreFixture.Token));
        Directory.CreateDirectory(temporary);
    }

    [Fact]
    public async Task A_full_disk_of_this_machine_is_no_damage_either()
    {
        using var scratch = new ScratchFiles();
        using var content = new MemoryStream(Middle);
        await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, 1 << 16);
        CopyPlaceException failure = await Assert.ThrowsAsync<CopyPlaceException>(async () => await scratch.CopyAsync(content, full, StoreFixture.Token));
        Assert.Contains("No space left", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_of_the_server_itself_is_refused_before_anything_is_sent()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Disk disk = (await server.Get<DiskCatalog>().CreateAsync("root", "data", StoreFixture.Token))!;
        var places = new BackupPlaces([$"s3://{disk.Id}"], server.Data)
        {
            S3 = static () => throw new InvalidOperationException("Nothing is sent."),
            Disks = server.Get<DiskCatalog>(),
        };
        BackupRefusedException refused = await Assert.ThrowsAsync<BackupRefusedException>(() => places.OpenAsync($"s3://{disk.Id}/daily", static _ => 0, StoreFixture.Token));
        Assert.Equal($"s3://{disk.Id}/daily is on a disk of this server itself: each backup would copy the ones before", refused.Message);
    }

    [Fact]
    public async Task A_backup_to_a_bucket_takes_room_of_the_disk_with_the_temporary_files()
    {
        var asked = new TaskCompletionSource<bool>();
        await using BackupServer server = await BackupServer.StartAsync(
            async (running, token) =>
            {
                running.Clock.Advance(TimeSpan.FromSeconds(1));
                await asked.Task.WaitAsync(token);
            },
            takesRoom =>
            {
                asked.TrySetResult(takesRoom);
                return null;
            },
            s3: Client);
        Assert.Equal(BackupState.Succeeded, (await CreateAsync(server)).State);
        Assert.True(await asked.Task);
    }

    [Fact]
    public async Task No_place_is_made_inside_another_of_a_bucket()
    {
        await (await S3Target.OpenAsync(Client(), BackupPlaces.ParseBucket("s3://backups/tarn"), root: BackupPlaces.ParseBucket("s3://backups/tarn"), StoreFixture.Token)).DisposeAsync();
        foreach (string inside in new[] { "s3://backups/tarn/tmp", "s3://backups/tarn/a/b" })
        {
            BackupRefusedException refused = await Assert.ThrowsAsync<BackupRefusedException>(
                () => S3Target.OpenAsync(Client(), BackupPlaces.ParseBucket(inside), root: BackupPlaces.ParseBucket("s3://backups/tarn"), StoreFixture.Token));
            Assert.Equal($"{inside} is inside the backups in s3://backups/tarn", refused.Message);
        }
    }

    [Fact]
    public async Task What_came_to_no_end_in_a_bucket_is_listed_and_can_be_deleted()
    {
        await using BackupServer server = await BackupServer.StartAsync(s3: Client);
        string name = (await CreateAsync(server)).Id;
        await using (S3Target target = await S3Target.OpenAsync(Client(), BackupPlaces.ParseBucket(Place), root: BackupPlaces.ParseBucket("s3://backups/tarn"), StoreFixture.Token))
        {
            await target.BeginAsync(name, StoreFixture.Token);
            Assert.Empty(await target.UnfinishedAsync(StoreFixture.Token));
            await target.RemoveManifestAsync(name, StoreFixture.Token);
        }

        string query = "target=" + Uri.EscapeDataString(Place);
        Assert.Equal("unfinished", (await server.DataAsync("GET", "/api/backups?" + query)).GetProperty("backups")[0].GetProperty("state").GetString());
        Assert.Equal(BackupState.Succeeded, (await server.RunAsync("DELETE", $"/api/backups/{name}?{query}", null)).State);
        ListObjectsV2Response left = await _client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = "backups" }, StoreFixture.Token);
        Assert.Equal(["tarn/daily/tarn-backups"], left.S3Objects.Select(static item => item.Key));
    }

    private static Task<BackupJob> CreateAsync(BackupServer server)
    {
        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        return server.RunAsync("POST", "/api/backups", $$"""{"target":"{{Place}}"}""");
    }

    private IAmazonS3 Client() => Client(_other.S3Url);

    private static AmazonS3Client Client(string url) => new(
        new BasicAWSCredentials(InProcessServer.RootAccessKey, InProcessServer.RootSecretKey),
        new AmazonS3Config { ServiceURL = url, ForcePathStyle = true, AuthenticationRegion = "us-east-1" });
}
