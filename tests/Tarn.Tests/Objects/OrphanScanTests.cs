using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Records;
using Tarn.Core.Scrubbing;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>The count of blobs that no row refers to: all of them and no others, none removed, and none counted twice after a restart.</summary>
public sealed class OrphanScanTests
{
    private readonly StoreFixture _fixture = new();

    [Fact]
    public async Task Blobs_that_any_row_knows_are_no_orphans()
    {
        await MakeObjectsAsync();
        OrphanScan scan = Scan(_fixture.KeyValue);
        Assert.Null(scan.Left);
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(0, 0), scan.Left);
        for (int i = 0; i < 40; i++)
        {
            await LeaveAsync(Bytes(100 + i));
        }

        // Not old enough to be sure of.
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(0, 0), scan.Left);
        _fixture.Clock.Advance(TimeSpan.FromDays(2));
        int blobs = await CountAsync();
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(40, 40 * 100 + 780), scan.Left);
        Assert.Equal(blobs, await CountAsync());

        // The next process knows it before it counts.
        OrphanScan next = Scan(_fixture.KeyValue);
        await next.LoadAsync(Token);
        Assert.Equal(scan.Left, next.Left);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public async Task A_count_that_was_cut_off_goes_on(int saved)
    {
        await MakeObjectsAsync();
        for (int i = 0; i < 20; i++)
        {
            await LeaveAsync(Bytes(100));
        }

        _fixture.Clock.Advance(TimeSpan.FromDays(2));
        int commits = 0;
        await using (var hooks = new HookedKeyValueStore(_fixture.KeyValue))
        {
            hooks.BeforeCommit = CutOff;
            await Assert.ThrowsAsync<InvalidOperationException>(() => Scan(hooks).RunOnceAsync(Token));

            Task CutOff(KeyValueBatch batch)
            {
                hooks.BeforeCommit = CutOff;
                return commits++ < saved ? Task.CompletedTask : throw new InvalidOperationException("cut off");
            }
        }

        var listed = new ListedBlobs(_fixture.Blobs);
        var scan = new OrphanScan(_fixture.KeyValue, listed, new BlobHolders(_fixture.KeyValue, _fixture.Clock) { Pause = TimeSpan.Zero }, _fixture.Clock) { SliceBlobs = 1 };
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(20, 2000), scan.Left);
        Assert.True(listed.From > 0);
    }

    /// <summary>It counted directories otherwise: there were 65,536.</summary>
    [Fact]
    public async Task A_count_that_an_older_build_began_starts_again()
    {
        for (int i = 0; i < 20; i++)
        {
            await LeaveAsync(Bytes(100));
        }

        _fixture.Clock.Advance(TimeSpan.FromDays(2));
        byte[] begun = new RecordWriter(1).Number(1, 0x8000ul).Number(2, 9L).Number(3, 900L).Number(4, 1L).Number(5, 3L).Number(6, 300L).ToArray();
        Assert.True(await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Put(Tables.OrphanCursorKey, begun), Token));
        OrphanScan scan = Scan(_fixture.KeyValue);
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(20, 2000), scan.Left);
    }

    [Fact]
    public async Task A_full_disk_does_not_stop_it()
    {
        await LeaveAsync(Bytes(100));
        _fixture.Clock.Advance(TimeSpan.FromDays(2));
        await using var hooks = new HookedKeyValueStore(_fixture.KeyValue);
        hooks.BeforeCommit = Full;
        OrphanScan scan = Scan(hooks);
        await scan.RunOnceAsync(Token);
        Assert.Equal(new OrphanCount(1, 100), scan.Left);

        Task Full(KeyValueBatch batch)
        {
            hooks.BeforeCommit = Full;
            return batch.IsRemoval ? Task.CompletedTask : throw new StorageFullException();
        }
    }

    private OrphanScan Scan(IKeyValueStore store) => new(store, _fixture.Blobs, new BlobHolders(store, _fixture.Clock) { Pause = TimeSpan.Zero }, _fixture.Clock) { SliceBlobs = 1 };

    /// <summary>One of everything that holds blobs.</summary>
    private async Task MakeObjectsAsync()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "plain", Bytes(1000));
        await _fixture.CopyAsync(bucket, "plain", "copy");
        await _fixture.DeleteAsync(bucket, "plain");
        MultipartUpload whole = await _fixture.BeginAsync(bucket, "whole");
        await _fixture.CompleteAsync(bucket, whole, await _fixture.PartAsync(whole, 1, Bytes(1000)));
        await _fixture.PartAsync(await _fixture.BeginAsync(bucket, "begun"), 1, Bytes(1000));
        MultipartUpload aborted = await _fixture.BeginAsync(bucket, "aborted");
        await _fixture.PartAsync(aborted, 1, Bytes(1000));
        await _fixture.Store.Uploads.AbortAsync(aborted, Token);
        await _fixture.Store.Buckets.SetVersioningAsync(bucket, VersioningState.Enabled, Token);
        bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "versions", Bytes(1000));
        await _fixture.PutAsync(bucket, "versions", Bytes(1000));
        await _fixture.DeleteAsync(bucket, "versions");
    }

    private async Task LeaveAsync(byte[] bytes)
    {
        await using IBlobWriter writer = await _fixture.Blobs.CreateAsync(BlobId.Create(new SeededRandomSource(bytes.Length * 1000 + await CountAsync())), null, Token);
        await writer.WriteAsync(new(bytes), Token);
        await writer.CommitAsync(Token);
    }

    private async Task<int> CountAsync()
    {
        int count = 0;
        await foreach (BlobInfo _ in _fixture.Blobs.ListAsync(Token))
        {
            count++;
        }

        return count;
    }

    /// <summary>Notes from where blobs are listed.</summary>
    private sealed class ListedBlobs(IBlobStore inner) : IBlobStore
    {
        public int From { get; private set; }

        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
            inner.CreateAsync(id, expectedLength, cancellationToken);

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) => inner.CreateCopyAsync(id, length, isBare, cancellationToken);

        public ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken) => inner.OpenAsync(id, cancellationToken);

        public ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken) => inner.FindAsync(id, cancellationToken);

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
            inner.SealAsync(id, tail, cancellationToken);

        public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken)
        {
            From = fromDirectory;
            return inner.ListAsync(fromDirectory, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
