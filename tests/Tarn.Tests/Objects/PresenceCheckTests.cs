using System.Collections.Concurrent;
using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Storage;
using Tarn.TestKit.Stores;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Whether data is there is looked up before a key is changed, once, and several pieces at a time.</summary>
public sealed class PresenceCheckTests : IAsyncDisposable
{
    private const int PartSize = 5 << 20;

    private readonly StoreFixture _fixture = new();
    private readonly HookedKeyValueStore _rows;
    private readonly CountedBlobs _blobs;

    // Another process: it does not queue with the first.
    private readonly ObjectStore _rival;
    private readonly HashSet<BlobId> _known = [];

    public PresenceCheckTests()
    {
        _rows = new HookedKeyValueStore(_fixture.KeyValue);
        _blobs = new CountedBlobs(_fixture.Blobs);
        _fixture.Store = _fixture.Open(_rows, _blobs);
        _rival = _fixture.Open(_fixture.KeyValue, _fixture.Blobs);
    }

    public async ValueTask DisposeAsync()
    {
        await _rows.DisposeAsync();
        await _blobs.DisposeAsync();
    }

    [Fact]
    public async Task A_completion_that_loses_races_looks_at_each_part_once()
    {
        (Bucket bucket, MultipartUpload upload, UploadedPart[] parts) = await UploadAsync();
        LoseRaces(bucket, "key", 2);
        await _fixture.CompleteAsync(bucket, upload, parts);
        Assert.Equal([1, 1, 1], _blobs.Found.Values);
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_completion_looks_again_at_a_part_that_was_replaced()
    {
        (Bucket bucket, MultipartUpload upload, UploadedPart[] parts) = await UploadAsync();
        _rows.BeforeCommit = async _ =>
        {
            await _rival.Parts.PutAsync(upload, 3, new TestBody(Bytes(200, 3)), new IngestRequest(), Token);
            await _fixture.Blobs.DeleteAsync(await OnlyNewAsync(), Token);
        };
        DamagedDataException lost = await Assert.ThrowsAsync<DamagedDataException>(() => _fixture.CompleteAsync(bucket, upload, parts));
        Assert.StartsWith("Part 3: ", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_that_loses_races_looks_at_each_part_once()
    {
        Bucket bucket = await SourceAsync();
        LoseRaces(bucket, "copy", 2);
        await _fixture.CopyAsync(bucket, "key", "copy");
        Assert.Equal([1, 1, 1], _blobs.Found.Values);
    }

    [Fact]
    public async Task A_copy_looks_again_at_a_source_that_was_replaced()
    {
        Bucket bucket = await SourceAsync();
        _rows.BeforeCommit = async _ =>
        {
            await PutAsync(bucket, "key", 300);
            await _fixture.Blobs.DeleteAsync(await OnlyNewAsync(), Token);
        };
        await Assert.ThrowsAsync<DamagedDataException>(() => _fixture.CopyAsync(bucket, "key", "copy"));
        Assert.Null(await _fixture.ReadAsync(bucket, "copy"));
    }

    [Fact]
    public async Task A_part_copy_reads_its_source_before_it_looks_at_the_part()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1000));
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "copy");
        _blobs.Opening = async () => await _rival.Parts.PutAsync(upload, 1, new TestBody(Bytes(200)), new IngestRequest(), Token);
        int before = _rows.Commits;
        await _fixture.Store.Parts.CopyAsync(upload, 1, async () => await _fixture.FindAsync(bucket, "key"), size => (0, size), Token);
        Assert.Equal(1, _rows.Commits - before);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Several_parts_are_looked_at_at_once(bool copies)
    {
        (Bucket bucket, MultipartUpload upload, UploadedPart[] parts) = await UploadAsync();
        if (copies)
        {
            await _fixture.CompleteAsync(bucket, upload, parts);
        }

        _blobs.Together = parts.Length;
        Task work = copies ? _fixture.CopyAsync(bucket, "key", "copy") : _fixture.CompleteAsync(bucket, upload, parts);
        await work.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Fact]
    public async Task A_refused_condition_looks_at_nothing()
    {
        (Bucket bucket, MultipartUpload upload, UploadedPart[] parts) = await UploadAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(10));
        CompletionRequest request = Request(parts) with { Condition = WriteCondition.Absent };
        await RefusedAsync(async () => await _fixture.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), request, Token));
        Assert.Empty(_blobs.Found);
    }

    private async Task<Bucket> SourceAsync()
    {
        (Bucket bucket, MultipartUpload upload, UploadedPart[] parts) = await UploadAsync();
        await _fixture.CompleteAsync(bucket, upload, parts);
        _blobs.Found.Clear();
        return bucket;
    }

    private async Task<(Bucket Bucket, MultipartUpload Upload, UploadedPart[] Parts)> UploadAsync()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        UploadedPart[] parts =
        [
            await _fixture.PartAsync(upload, 1, Bytes(PartSize, 1)), await _fixture.PartAsync(upload, 2, Bytes(PartSize, 2)),
            await _fixture.PartAsync(upload, 3, Bytes(200, 3)),
        ];
        await OnlyNewAsync();
        return (bucket, upload, parts);
    }

    /// <summary>Lets others change the key before the next commits, one after the other.</summary>
    private void LoseRaces(Bucket bucket, string key, int count) => _rows.BeforeCommit = async _ =>
    {
        await PutAsync(bucket, key, 10 + count);
        if (count > 1)
        {
            LoseRaces(bucket, key, count - 1);
        }
    };

    private async Task PutAsync(Bucket bucket, string key, int length) => await _rival.Writer.PutAsync(
        bucket, Key(key), "owner", ObjectMetadata.Empty, new TestBody(Bytes(length)), new IngestRequest(), WriteCondition.None, Token);

    /// <summary>The blob that was written since the last call.</summary>
    private async Task<BlobId> OnlyNewAsync()
    {
        BlobId last = default;
        await foreach (BlobInfo blob in _fixture.Blobs.ListAsync(Token))
        {
            last = _known.Add(blob.Id) ? blob.Id : last;
        }

        return last;
    }

    /// <summary>Counts how often each blob is looked for; a look may wait until so many are under way.</summary>
    private sealed class CountedBlobs(IBlobStore inner) : IBlobStore
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _underWay;

        public ConcurrentDictionary<BlobId, int> Found { get; } = [];

        public int Together { get; set; }

        /// <summary>Runs once, before the next blob is opened.</summary>
        public Func<Task>? Opening { get; set; }

        public async ValueTask<BlobInfo?> FindAsync(BlobId id, CancellationToken cancellationToken)
        {
            Found.AddOrUpdate(id, 1, static (_, n) => n + 1);
            if (Together > 0)
            {
                if (Interlocked.Increment(ref _underWay) == Together)
                {
                    _reached.SetResult();
                }

                await _reached.Task;
            }

            return await inner.FindAsync(id, cancellationToken);
        }

        public ValueTask<IBlobWriter> CreateAsync(BlobId id, long? expectedLength, CancellationToken cancellationToken) =>
            inner.CreateAsync(id, expectedLength, cancellationToken);

        public ValueTask<IBlobWriter> CreateCopyAsync(BlobId id, long length, bool isBare, CancellationToken cancellationToken) =>
            inner.CreateCopyAsync(id, length, isBare, cancellationToken);

        public async ValueTask<IBlobReader?> OpenAsync(BlobId id, CancellationToken cancellationToken)
        {
            if (Opening is { } opening)
            {
                Opening = null;
                await opening();
            }

            return await inner.OpenAsync(id, cancellationToken);
        }

        public ValueTask<bool> SealAsync(BlobId id, ReadOnlyMemory<byte> tail, CancellationToken cancellationToken) =>
            inner.SealAsync(id, tail, cancellationToken);

        public ValueTask DeleteAsync(BlobId id, CancellationToken cancellationToken) => inner.DeleteAsync(id, cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(CancellationToken cancellationToken) => inner.ListAsync(cancellationToken);

        public IAsyncEnumerable<BlobInfo> ListAsync(int fromDirectory, CancellationToken cancellationToken) => inner.ListAsync(fromDirectory, cancellationToken);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
