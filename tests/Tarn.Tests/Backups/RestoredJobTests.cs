using Tarn.Backends.RocksDb;
using Tarn.Backends.RocksDb.Interop;
using Tarn.Core;
using Tarn.Core.Jobs;
using Tarn.Core.Model;
using Tarn.Tests.Objects;

namespace Tarn.Tests.Backups;

/// <summary>A restored store does not go on with a job that the backup was made in the middle of: it may be the deletion that the restore is to undo.</summary>
public sealed class RestoredJobTests
{
    [Fact]
    public async Task A_restore_ends_the_jobs_that_had_not_ended()
    {
        await using BackupServer server = await BackupServer.StartAsync();
        Core.Buckets.Bucket bucket = await server.BucketAsync();
        await server.PutAsync(bucket, "k/copied", [1]);
        await server.PutAsync(bucket, "k/waiting", [2]);
        JobStore jobs = server.Get<JobStore>();
        Job empty = await jobs.CreateAsync(Record(bucket, new JobParameters { Kind = JobKind.Empty, Bucket = "bucket" }), new JobOptions(), StoreFixture.Token);
        Job rename = await jobs.CreateAsync(
            Record(bucket, new JobParameters { Kind = JobKind.Rename, Bucket = "bucket", Prefix = "k/", ToPrefix = "n/" }), new JobOptions(), StoreFixture.Token);
        Core.Objects.StoredObject source = (await server.Objects.Reader.FindAsync(bucket, StoreFixture.Key("k/copied"), StoreFixture.Token))!;
        var batch = new Core.KeyValue.KeyValueBatch();
        rename.Mark(batch, new JobItem(source, IsVersion: false), new JobMark { Bytes = 1, Copied = source.Fingerprint() });
        await server.Get<Core.KeyValue.IKeyValueStore>().CommitAsync(batch, StoreFixture.Token);
        await server.CreateAsync();
        string restored = await server.RestoreAsync();

        await using var rows = RocksDbKeyValueStore.Open(Path.Combine(restored, "meta"), new RocksDbOptions { SyncWrites = false });
        var after = new JobStore(rows, TimeProvider.System, SystemRandomSource.Instance);
        Assert.Empty(await after.UnfinishedAsync(static e => throw e, StoreFixture.Token));
        foreach (Id128 id in (Id128[])[empty.Id, rename.Id])
        {
            JobRecord ended = (await after.FindAsync(id, StoreFixture.Token))!.Record;
            Assert.Equal((JobState.Failed, "it was restored from a backup: start it again", id == rename.Id ? 1L : 0L), (ended.State, ended.Reason, ended.Counts.Failed));
            Assert.NotEqual(0, ended.Finished);
            Assert.Empty((await after.MarksAsync(id, StoreFixture.Token)).Take(null));
        }

        JobError error = Assert.Single(await after.ErrorsAsync(rename.Id, 10, StoreFixture.Token));
        Assert.Equal("k/copied", error.Key.ToString());
        Assert.StartsWith("The copy was made, and the source stays", error.Message, StringComparison.Ordinal);

        // In the store that the backup is of they go on.
        Assert.Equal(2, (await jobs.UnfinishedAsync(static e => throw e, StoreFixture.Token)).Count);
    }

    private static JobRecord Record(Core.Buckets.Bucket bucket, JobParameters parameters) => new()
    {
        Parameters = parameters, BucketId = bucket.Id, Created = 1,
        Requester = new JobRequester { Organization = "o", Owner = new JobOwner("c", 1), Arn = "a", UserId = "u", CredentialId = "k" },
    };
}
