using Tarn.Core.Blobs;
using Tarn.Core.Blobs.Layout;
using Tarn.Core.Buckets;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Copies whose source has no data: it is lost, or was replaced after it was looked up.</summary>
public sealed class MissingDataTests
{
    private readonly StoreFixture _fixture = new();

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task A_part_is_not_copied_from_lost_data(int size)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await LoseAsync(await _fixture.PutAsync(bucket, "source", Bytes(size)));
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        await Assert.ThrowsAsync<DamagedDataException>(async () => await _fixture.Store.Parts.CopyAsync(
            upload, 1, () => _fixture.FindAsync(bucket, "source"), whole => (0, whole), Token));
    }

    [Theory]
    [InlineData(10, null)]
    [InlineData(10, ChecksumAlgorithm.Sha256)]
    [InlineData(1000, ChecksumAlgorithm.Sha256)]
    public async Task Lost_data_is_not_copied(int size, ChecksumAlgorithm? algorithm)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await LoseAsync(await _fixture.PutAsync(bucket, "source", Bytes(size)));
        await Assert.ThrowsAsync<DamagedDataException>(async () => await CopyAsync(bucket, () => _fixture.FindAsync(bucket, "source"), algorithm));
        Assert.Null(await _fixture.ReadAsync(bucket, "key"));
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task A_source_replaced_meanwhile_is_looked_up_again(int size)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "source", Bytes(size));
        await CopyAsync(bucket, ReplacingOnce(bucket, Bytes(size, 1)), ChecksumAlgorithm.Sha256);
        Assert.Equal(Bytes(size, 1), await _fixture.ReadAsync(bucket, "key"));

        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        UploadedPart part = await _fixture.Store.Parts.CopyAsync(
            upload, 1, ReplacingOnce(bucket, Bytes(size, 2)), whole => (0, whole), Token);
        await _fixture.CompleteAsync(bucket, upload, part);
        Assert.Equal(Bytes(size, 2), await _fixture.ReadAsync(bucket, "key"));
        await _fixture.AssertNothingLeaksAsync();
    }

    /// <summary>Finds the source; the first time, it is replaced and its bytes are reclaimed before they can be read.</summary>
    private Func<ValueTask<StoredObject>> ReplacingOnce(Bucket bucket, byte[] bytes)
    {
        bool replaced = false;
        return async () =>
        {
            StoredObject found = await _fixture.FindAsync(bucket, "source");
            if (!replaced)
            {
                replaced = true;
                await _fixture.PutAsync(bucket, "source", bytes);
                _fixture.Clock.Advance(Grace + TimeSpan.FromSeconds(1));
                await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
            }

            return found;
        };
    }

    private async Task CopyAsync(Bucket bucket, Func<ValueTask<StoredObject>> findSource, ChecksumAlgorithm? algorithm) =>
        await _fixture.Store.Copier.CopyAsync(findSource, bucket, Key("key"), "owner", kept => kept, algorithm, WriteCondition.None, Token);

    private async Task LoseAsync(StoredObject found)
    {
        if (found.Record.Data is ObjectData.Inline inline)
        {
            Assert.True(await _fixture.KeyValue.CommitAsync(new KeyValueBatch().Delete(Tables.InlineDataKey(inline.Row)), Token));
        }

        await foreach (BlobInfo blob in _fixture.Blobs.ListAsync(Token))
        {
            await _fixture.Blobs.DeleteAsync(blob.Id, Token);
        }
    }
}
