using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Every change of a key uses one path, on which changes of the same key queue.</summary>
public sealed class KeyTransactionTests
{
    private const int Clients = 256;

    private readonly StoreFixture _fixture = new();

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Enabled)]
    [InlineData(VersioningState.Suspended)]
    public async Task Of_many_clients_that_write_tag_and_delete_one_key_none_is_told_to_slow_down(VersioningState state)
    {
        var counted = new HookedKeyValueStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(counted, _fixture.Blobs);
        Bucket bucket = await BucketAsync(state);
        await _fixture.PutAsync(bucket, "key", Bytes(10));
        int before = counted.Commits;

        // On one thread, which goes from one client to the next at every call of the map: the same order each time.
        await Task.Factory.StartNew(
            () => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ChangeAsync(bucket, client))),
            Token, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

        // Each conflicts at most once, and succeeds once.
        Assert.InRange(counted.Commits - before, Clients / 4, 2 * Clients);
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_copy_from_a_key_that_all_the_others_change_has_its_turn()
    {
        _fixture.Store = _fixture.Open(new HookedKeyValueStore(_fixture.KeyValue), _fixture.Blobs);
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(10));
        await _fixture.PutAsync(bucket, "other", Bytes(10));
        Task all = Task.Factory.StartNew(
            () => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => (client % 8) switch
            {
                0 => _fixture.CopyAsync(bucket, "key", "copy"),
                1 => _fixture.CopyAsync(bucket, "other", "key"),
                2 => _fixture.PutAsync(bucket, "other", Bytes(20, client)),
                _ => _fixture.PutAsync(bucket, "key", Bytes(20, client)),
            })),
            Token, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler).Unwrap();

        // Who lost to many that had begun before waits a moment, of a clock that stands still otherwise.
        while (!all.IsCompleted)
        {
            _fixture.Clock.Advance(TimeSpan.FromMilliseconds(1));
            await Task.WhenAny(all, Task.Delay(5, Token));
        }

        await all;
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_copy_that_lost_at_its_destination_does_not_hold_up_the_writers_of_its_source()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "a", Bytes(10));
        int looks = 0;
        await _fixture.Store.Copier.CopyAsync(
            async () =>
            {
                StoredObject found = await _fixture.FindAsync(bucket, "a");
                if (++looks == 2)
                {
                    // Over memory a write that need not wait has ended when it returns.
                    Assert.True(_fixture.PutAsync(bucket, "a", Bytes(30)).IsCompletedSuccessfully);
                }

                return found;
            },
            bucket,
            Key("copy"),
            "owner",
            kept =>
            {
                // The first attempt has read the destination by now.
                Assert.True(looks > 1 || _fixture.PutAsync(bucket, "copy", Bytes(20)).IsCompletedSuccessfully);
                return kept;
            },
            null,
            WriteCondition.None,
            Token);
        Assert.Equal(3, looks);
        Assert.Equal(Bytes(30), await _fixture.ReadAsync(bucket, "copy"));
    }

    [Fact]
    public async Task A_copy_that_its_condition_refuses_does_not_read_its_source_to_hash_it()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "copy", Bytes(10));
        S3Error refused = await RefusedAsync(() => _fixture.Store.Copier.CopyAsync(
            static () => throw new InvalidOperationException("It was looked for."),
            bucket, Key("copy"), "owner", static kept => kept, ChecksumAlgorithm.Sha256, WriteCondition.Absent, Token).AsTask());
        Assert.Equal(S3Error.PreconditionFailed, refused);
    }

    [Fact]
    public async Task A_row_of_a_key_that_another_batch_changes_is_refused()
    {
        var guard = new KeyRowsGuard(_fixture.KeyValue);
        foreach (byte table in KeyRowsGuard.Watched)
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await guard.CommitAsync(new KeyValueBatch().Put([table, 1], []), Token));
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await guard.CommitAsync(new KeyValueBatch().Delete([table, 1]), Token));
        }

        Assert.True(await guard.CommitAsync(new KeyValueBatch().Put([Tables.Part, 1], []), Token));
    }

    [Fact]
    public async Task Every_operation_that_changes_a_key_does_it_by_a_key_transaction()
    {
        var guard = new KeyRowsGuard(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(guard, _fixture.Blobs);
        foreach (VersioningState state in Enum.GetValues<VersioningState>())
        {
            Bucket bucket = await BucketAsync(state);
            StoredObject put = await _fixture.PutAsync(bucket, "key", Bytes(10));
            await _fixture.CopyAsync(bucket, "key", "copy");
            await TagAsync(bucket, "key");
            await _fixture.Store.Amender.SetAclAsync(bucket, Key("key"), () => _fixture.FindAsync(bucket, "key"), null, Token);
            MultipartUpload completed = await _fixture.BeginAsync(bucket, "upload");
            await _fixture.CompleteAsync(bucket, completed, await _fixture.PartAsync(completed, 1, Bytes(300)));
            Assert.True(await _fixture.Store.Uploads.AbortAsync(await _fixture.BeginAsync(bucket, "upload"), Token));
            await _fixture.DeleteAsync(bucket, "copy");
            await _fixture.Store.Deleter.DeleteAsync(bucket, Key("key"), put.VersionName, "owner", DeleteCondition.None, Token);
        }

        Assert.All(KeyRowsGuard.Watched, table => Assert.True(guard.Seen.GetValueOrDefault(table) > 0, $"no change of table 0x{table:X2}"));
    }

    private async Task<Bucket> BucketAsync(VersioningState state)
    {
        Bucket bucket = await _fixture.BucketAsync();
        if (bucket.Versioning != state)
        {
            await _fixture.Store.Buckets.SetVersioningAsync(bucket, state, Token);
            bucket = await _fixture.BucketAsync();
        }

        return bucket;
    }

    private async Task ChangeAsync(Bucket bucket, int client)
    {
        switch (client % 4)
        {
            case 0:
                await _fixture.DeleteAsync(bucket, "key");
                break;
            case 1:
                try
                {
                    await TagAsync(bucket, "key");
                }
                catch (S3Exception e) when (e.Error == S3Error.NoSuchKey)
                {
                    // Another client deleted the object.
                }

                break;
            default:
                await _fixture.PutAsync(bucket, "key", Bytes(20, client));
                break;
        }
    }

    private async Task TagAsync(Bucket bucket, string key) => await _fixture.Store.Amender.SetTagsAsync(
        bucket,
        Key(key),
        async () => await _fixture.Store.Reader.FindAsync(bucket, Key(key), Token) ?? throw new S3Exception(S3Error.NoSuchKey),
        [new("tag", "value")],
        Token);
}
