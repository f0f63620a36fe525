using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>
/// Which commits may use the space reserved for removals, over a store that accepts no others: all that remove something, but none
/// that could be repeated until the space is used up, such as overwrites.
/// </summary>
public sealed class RemovalTests : IAsyncDisposable
{
    private static readonly TagSet Tags = TagSet.Create([new("k", "v")], TagLimits.Bucket);

    private readonly StoreFixture _fixture = new();
    private readonly HookedKeyValueStore _hooks;

    public RemovalTests()
    {
        _hooks = new HookedKeyValueStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(_hooks, _fixture.Blobs);
    }

    public ValueTask DisposeAsync() => _hooks.DisposeAsync();

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Enabled)]
    [InlineData(VersioningState.Suspended)]
    public async Task What_removes_is_taken_and_what_replaces_is_not(VersioningState versioning)
    {
        Bucket bucket = await _fixture.BucketAsync();
        Bucket empty = await _fixture.BucketAsync("empty");
        if (versioning != VersioningState.Never)
        {
            await _fixture.Store.Buckets.SetVersioningAsync(bucket, versioning, Token);
            bucket = await _fixture.BucketAsync();
        }

        await _fixture.Store.Buckets.SetSettingAsync(bucket, BucketTags.Stored, Tags, Token);
        bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "row", Bytes(10));
        StoredObject blob = await _fixture.PutAsync(bucket, "blob", Bytes(1000));
        await _fixture.PutAsync(bucket, "kept", Bytes(1000));
        MultipartUpload aborted = await _fixture.BeginAsync(bucket, "parts");
        await _fixture.PartAsync(aborted, 1, Bytes(1000));
        MultipartUpload finished = await _fixture.BeginAsync(bucket, "parts");
        UploadedPart part = await _fixture.PartAsync(finished, 1, Bytes(1000));

        _hooks.BeforeCommit = OnlyRemovals;
        await RefusedAsync(() => _fixture.PutAsync(bucket, "row", Bytes(10)));
        await RefusedAsync(() => _fixture.PutAsync(bucket, "row", []));
        await RefusedAsync(() => _fixture.PutAsync(bucket, "blob", Bytes(1000)));
        await RefusedAsync(() => _fixture.PutAsync(bucket, "new", Bytes(10)));
        await RefusedAsync(() => _fixture.CopyAsync(bucket, "blob", "row"));
        await RefusedAsync(() => _fixture.CompleteAsync(bucket, finished, part));
        await RefusedAsync(() => _fixture.PartAsync(finished, 1, Bytes(1000)));
        await RefusedAsync(() => _fixture.BeginAsync(bucket, "more"));
        await RefusedAsync(() => _fixture.Store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, Token).AsTask());
        await RefusedAsync(() => _fixture.Store.Buckets.SetSettingAsync(bucket, BucketTags.Stored, Tags, Token).AsTask());

        await _fixture.DeleteAsync(bucket, "row");
        await _fixture.Store.Deleter.DeleteAsync(bucket, Key("blob"), blob.VersionName, "owner", DeleteCondition.None, Token);
        await _fixture.Store.Uploads.AbortAsync(aborted, Token);
        await _fixture.Store.Buckets.RemoveSettingAsync(bucket, BucketTags.Stored, Token);
        await _fixture.Store.Buckets.DeleteAsync(empty, Token);
        Assert.Null(await _fixture.ReadAsync(bucket, "row"));
        Assert.Null(await _fixture.ReadAsync(bucket, "blob"));
        Assert.Equal(Bytes(1000), await _fixture.ReadAsync(bucket, "kept"));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task Tags_and_grants_can_be_taken_away_and_only_once()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(10));
        KeyValuePair<string, string>[] tags = [new("tag", "1")];
        AccessControlList grants = AccessControlList.Create([new Grant(Grantee.AllUsers, AclPermission.Read)]);
        await TagAsync(tags);
        await GrantAsync(grants);

        int commits = 0;
        _hooks.BeforeCommit = Count;
        await RefusedAsync(() => TagAsync([new("tag", "2")]));
        await RefusedAsync(() => GrantAsync(grants));
        await TagAsync([]);
        await GrantAsync(null);
        Assert.Equal(4, commits);

        // Repeated, they would use up the space.
        await TagAsync([]);
        await GrantAsync(null);
        Assert.Equal(4, commits);
        StoredObject found = await _fixture.FindAsync(bucket, "key");
        Assert.Empty(found.Metadata.Tags);
        Assert.Null(found.Metadata.Acl);

        Task TagAsync(KeyValuePair<string, string>[] to) => _fixture.Store.Amender.SetTagsAsync(
            bucket, Key("key"), () => _fixture.FindAsync(bucket, "key"), to, Token).AsTask();
        Task GrantAsync(AccessControlList? to) => _fixture.Store.Amender.SetAclAsync(
            bucket, Key("key"), () => _fixture.FindAsync(bucket, "key"), to, Token).AsTask();
        async Task Count(KeyValueBatch batch)
        {
            commits++;
            try
            {
                await OnlyRemovals(batch);
            }
            finally
            {
                _hooks.BeforeCommit = Count;
            }
        }
    }

    private static Task RefusedAsync(Func<Task> act) => Assert.ThrowsAsync<StorageFullException>(act);

    private Task OnlyRemovals(KeyValueBatch batch)
    {
        _hooks.BeforeCommit = OnlyRemovals;
        return batch.IsRemoval || batch.Changes.Count == 0 ? Task.CompletedTask : throw new StorageFullException();
    }
}
