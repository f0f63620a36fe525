using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.Core.Objects.Multipart;
using Tarn.TestKit.Stores;
using Tarn.Tests.Versioning;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>
/// A multipart upload is several rows, and it may end while they are read one after the other. Here it ends,
/// completed or aborted, before each single read of each operation in turn.
/// </summary>
public sealed class UploadRaceTests : IAsyncDisposable
{
    private readonly StoreFixture _fixture = new();
    private readonly ObservedStore _rows;
    private Bucket _bucket = null!;
    private MultipartUpload _upload = null!;
    private UploadedPart _part = null!;

    public UploadRaceTests()
    {
        _rows = new ObservedStore(_fixture.KeyValue);
        _fixture.Store = _fixture.Open(_rows, _fixture.Blobs);
    }

    public ValueTask DisposeAsync() => _rows.DisposeAsync();

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Enabled)]
    public async Task A_completion_that_another_one_overtakes_answers_as_that_did(VersioningState state) =>
        await BeforeEachReadAsync(state, CompleteAsync, CompleteAsync, async complete => await complete());

    [Theory]
    [InlineData(VersioningState.Never)]
    [InlineData(VersioningState.Enabled)]
    public async Task A_completion_that_an_abort_overtakes_knows_no_such_upload(VersioningState state) =>
        await BeforeEachReadAsync(state, AbortAsync, CompleteAsync, EndedAsync);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_listing_of_parts_is_of_an_upload_that_stands(bool aborted) =>
        await BeforeEachReadAsync(VersioningState.Never, aborted ? AbortAsync : CompleteAsync, ListAsync, EndedAsync);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_part_of_an_upload_that_ended_is_refused_and_leaves_nothing(bool aborted)
    {
        Func<Task> rival = aborted ? AbortAsync : CompleteAsync;
        await BeforeEachReadAsync(VersioningState.Never, rival, () => _fixture.PartAsync(_upload, 2, Bytes(300, 2)), EndedAsync);
        await BeforeEachReadAsync(VersioningState.Never, rival, CopyPartAsync, EndedAsync);
    }

    [Fact]
    public async Task Of_two_aborts_both_find_that_it_was_aborted() =>
        await BeforeEachReadAsync(VersioningState.Never, AbortAsync, FindAndAbortAsync, async abort =>
        {
            await EndedAsync(abort);
            Assert.True(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, _upload.Key, _upload.Id.ToString(), Token));
        });

    [Fact]
    public async Task An_abort_is_remembered_for_a_day_and_only_of_its_own_key()
    {
        await BeginAsync(VersioningState.Never);
        string id = _upload.Id.ToString();
        Assert.False(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, _upload.Key, id, Token));
        await AbortAsync();
        Assert.True(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, _upload.Key, id, Token));
        Assert.False(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, Key("other"), id, Token));
        Assert.False(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, _upload.Key, "no id", Token));
        _fixture.Clock.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(1));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        Assert.False(await _fixture.Store.Uploads.WasAbortedAsync(_bucket, _upload.Key, id, Token));
        await _fixture.AssertNothingLeaksAsync();
    }

    /// <summary>Has the rival end a fresh upload before the first, the second, … read of the operation.</summary>
    private async Task BeforeEachReadAsync(VersioningState state, Func<Task> rival, Func<Task> operation, Func<Func<Task>, Task> expect)
    {
        await BeginAsync(state);
        int reads = 0;
        _rows.BeforeRead = _ =>
        {
            reads++;
            return default;
        };
        await operation();
        _rows.BeforeRead = null;
        for (int turn = 1; turn <= reads; turn++)
        {
            await BeginAsync(state);
            int read = 0;
            _rows.BeforeRead = async _ =>
            {
                if (++read == turn)
                {
                    _rows.BeforeRead = null;
                    await rival();
                }
            };
            await expect(operation);
            Assert.Null(_rows.BeforeRead);
            await _fixture.AssertNothingLeaksAsync();
        }
    }

    private async Task BeginAsync(VersioningState state)
    {
        _bucket = await _fixture.BucketAsync();
        if (state != _bucket.Versioning)
        {
            await _fixture.Store.Buckets.SetVersioningAsync(_bucket, state, Token);
            _bucket = await _fixture.BucketAsync();
        }

        // Read once in the life of a store, so that it is not one of the reads that the rival comes before.
        await _fixture.Store.Damage.LoadAsync(Token);
        await _fixture.PutAsync(_bucket, "source", Bytes(300, 1));
        _upload = await _fixture.BeginAsync(_bucket, "key");
        _part = await _fixture.PartAsync(_upload, 1, Bytes(300));
    }

    private async Task CompleteAsync() =>
        Assert.Equal(_upload.Id, (await _fixture.CompleteAsync(_bucket, _upload, _part)).Record.Upload);

    private async Task AbortAsync() => Assert.True(await _fixture.Store.Uploads.AbortAsync(_upload, Token));

    private async Task ListAsync()
    {
        MultipartUpload upload = await _fixture.Store.Uploads.GetAsync(_bucket, _upload.Key, _upload.Id.ToString(), Token);
        Assert.Single(await _fixture.Store.Uploads.ListPartsAsync(upload, 0, 10, Token));
    }

    private async Task CopyPartAsync()
    {
        await _fixture.Store.Parts.CopyAsync(_upload, 2, () => _fixture.FindAsync(_bucket, "source"), size => (0, size), Token);
    }

    private async Task FindAndAbortAsync()
    {
        MultipartUpload upload = await _fixture.Store.Uploads.GetAsync(_bucket, _upload.Key, _upload.Id.ToString(), Token);
        if (!await _fixture.Store.Uploads.AbortAsync(upload, Token))
        {
            throw upload.Ended();
        }
    }

    private static async Task EndedAsync(Func<Task> act) => Assert.Equal(S3Error.NoSuchUpload, await RefusedAsync(act));
}
