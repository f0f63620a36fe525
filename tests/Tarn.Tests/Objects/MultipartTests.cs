using System.Security.Cryptography;
using Tarn.Core.Blobs;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.KeyValue;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Multipart;
using Tarn.Core.Objects.Ownership;
using Tarn.Core.Objects.Reading;
using Tarn.Core.Objects.Writing;
using Tarn.Core.Records;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

public sealed class MultipartTests
{
    private const int MinPart = (int)MultipartUpload.MinPartSize;

    private readonly StoreFixture _fixture = new();

    [Fact]
    public async Task An_object_of_parts_reads_as_one_and_completes_again_with_the_same_answer()
    {
        Bucket bucket = await _fixture.BucketAsync();
        byte[] bytes = Bytes(MinPart + 1000);
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key", ChecksumAlgorithm.Crc32);
        UploadedPart first = await _fixture.PartAsync(upload, 1, bytes[..MinPart]);
        UploadedPart second = await _fixture.PartAsync(upload, 7, bytes[MinPart..]);
        await _fixture.PartAsync(upload, 9, Bytes(10));
        StoredObject made = await _fixture.CompleteAsync(bucket, upload, first, second);
        using StreamHasher crc = StreamHasher.Create(ChecksumAlgorithm.Crc32);
        crc.Append(bytes);
        byte[] value = new byte[4];
        crc.Finish(value);
        Assert.Equal(new Checksum(ChecksumAlgorithm.Crc32, ChecksumType.FullObject, value, 0), made.Checksum);
        byte[] md5 = MD5.HashData([.. MD5.HashData(bytes[..MinPart]), .. MD5.HashData(bytes[MinPart..])]);
        Assert.Equal(Convert.ToHexStringLower(md5) + "-2", made.ETag.ToString());
        Assert.Equal(bytes, await _fixture.ReadAsync(bucket, "key"));
        Assert.Equal(made.ETag, (await _fixture.CompleteAsync(bucket, upload, first, second)).ETag);
        var once = Request(first, second) with { Condition = WriteCondition.Absent };
        Assert.Equal(
            made.ETag, (await _fixture.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), once, Token)).ETag);
        await _fixture.AssertNothingLeaksAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1));
        Assert.Equal(S3Error.NoSuchUpload, await RefusedAsync(() => _fixture.CompleteAsync(bucket, upload, first, second)));
        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_completion_that_is_refused_leaves_the_upload_as_it_was()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        UploadedPart one = await _fixture.PartAsync(upload, 1, Bytes(10));
        UploadedPart two = await _fixture.PartAsync(upload, 2, Bytes(20));
        await RefusesAsync(S3Error.EntityTooSmall, Request(one, two));
        await RefusesAsync(S3Error.InvalidPartOrder, Request(two, one));
        await RefusesAsync(S3Error.InvalidPartOrder, Request(one, one));
        await RefusesAsync(S3Error.InvalidPart, Request(one with { Number = 3 }));
        await RefusesAsync(S3Error.InvalidPart, Request(one with { ETag = two.ETag }));
        await RefusesAsync(S3Error.InvalidRequest, Request(one) with { ObjectSize = 11 });
        await RefusesAsync(S3Error.BadDigest, Request(one) with { Checksum = (ChecksumAlgorithm.Crc64Nvme, "AAAAAAAAAAA=") });
        await RefusesAsync(S3Error.PreconditionFailed, Request(one) with { Condition = new WriteCondition("*") });
        await RefusesAsync(S3Error.NoSuchKey, Request(one) with { Condition = new WriteCondition(one.ETag.ToString()) });
        Assert.Equal(2, (await _fixture.Store.Uploads.ListPartsAsync(upload, 0, 10, Token)).Count);
        await _fixture.CompleteAsync(bucket, upload, two);
        Assert.Equal(Bytes(20), await _fixture.ReadAsync(bucket, "key"));
        await _fixture.AssertNothingLeaksAsync();

        async Task RefusesAsync(S3Error error, CompletionRequest request) => Assert.Equal(
            error,
            await RefusedAsync(() => _fixture.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), request, Token).AsTask()));
    }

    [Fact]
    public async Task A_manifest_of_several_rows_reads_copies_and_goes_like_one()
    {
        // 1,100 parts over one blob, each with a hold of its own, as part copies leave them.
        Bucket bucket = await _fixture.BucketAsync();
        byte[] bytes = Bytes(MinPart);
        StoredObject source = await _fixture.PutAsync(bucket, "source", bytes);
        Extent whole = ((ObjectData.Extents)source.Record.Data).List[0];
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        var batch = new KeyValueBatch().Put(Tables.BlobReferenceKey(whole.Blob.Value, 0), []);
        var named = new List<CompletionPart>();
        for (int number = 1; number <= 1100; number++)
        {
            var part = new PartRecord
            {
                Number = number, Size = MinPart, LastModified = 0, ETag = source.ETag, Checksum = source.Checksum,
                Extents = [whole with { Reference = (ulong)number }],
            };
            batch.Put(Tables.PartKey(upload.Id, number), part.Encode()).Put(Tables.BlobReferenceKey(whole.Blob.Value, (ulong)number), []);
            part.Counts.AddTo(batch, bucket.Id);
            named.Add(new CompletionPart(number, source.ETag.ToString()));
        }

        await _fixture.KeyValue.CommitAsync(batch, Token);
        await _fixture.Store.Completion.CompleteAsync(bucket, upload.Key, upload.Id.ToString(), new CompletionRequest { Parts = named }, Token);
        await _fixture.DeleteAsync(bucket, "source");
        await _fixture.AssertNothingLeaksAsync();

        StoredObject made = await _fixture.FindAsync(bucket, "key");
        Assert.Equal(3, ((ObjectData.Manifest)made.Record.Data).ChunkStarts.Count);
        Assert.Equal(1100, (await _fixture.Store.Reader.ListPartsAsync(made, 0, 5000, Token)).Count);
        Assert.Equal(
            Enumerable.Range(510, 5), (await _fixture.Store.Reader.ListPartsAsync(made, 509, 5, Token)).Select(part => part.Place));
        foreach (int place in new[] { 1, 512, 513, 1024, 1025, 1100 })
        {
            ObjectPart part = (await _fixture.Store.Reader.FindPartAsync(made, place, Token))!;
            Assert.Equal((place, (place - 1L) * MinPart), (part.Place, part.Offset));
            (_, IObjectContent? content) = await _fixture.Store.Reader.OpenAsync(bucket, Key("key"), null, Token);
            long from = Math.Max(0, part.Offset - 5);
            byte[] around = await ReadAsync(content!, from, 10);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => bytes[(int)((from + i) % MinPart)]), around);
        }

        Assert.Null(await _fixture.Store.Reader.FindPartAsync(made, 1101, Token));

        // A range over the border between two rows becomes a part.
        MultipartUpload second = await _fixture.BeginAsync(bucket, "range");
        long border = 512L * MinPart;
        UploadedPart copied = await _fixture.Store.Parts.CopyAsync(
            second, 1, () => _fixture.FindAsync(bucket, "key"), _ => (border - 3, 7), Token);
        await _fixture.CompleteAsync(bucket, second, copied);
        await _fixture.DeleteAsync(bucket, "key");
        await _fixture.AssertNothingLeaksAsync();
        byte[] expected = [.. bytes[^3..], .. bytes[..4]];
        Assert.Equal(expected, await _fixture.ReadAsync(bucket, "range"));
        await _fixture.DeleteAsync(bucket, "range");
        await _fixture.AssertNothingLeaksAsync();
        await foreach (BlobInfo blob in _fixture.Blobs.ListAsync(Token))
        {
            Assert.Fail($"Blob {blob.Id} is left.");
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(1000)]
    public async Task Copies_keep_their_data_in_whatever_order_their_holders_go(int size)
    {
        int[][] orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        string[] keys = ["a", "b", "c"];
        foreach (bool multipart in new[] { false, true })
        {
            foreach (int[] order in orders)
            {
                Bucket bucket = await _fixture.BucketAsync();
                MultipartUpload upload = await _fixture.BeginAsync(bucket, "a");
                _ = multipart
                    ? await _fixture.CompleteAsync(bucket, upload, await _fixture.PartAsync(upload, 1, Bytes(size)))
                    : await _fixture.PutAsync(bucket, "a", Bytes(size));
                await _fixture.Store.Uploads.AbortAsync(upload, Token);
                await _fixture.CopyAsync(bucket, "a", "a", new ObjectMetadata { ContentType = "x/self" });
                await _fixture.CopyAsync(bucket, "a", "b");
                await _fixture.CopyAsync(bucket, "b", "c");
                for (int gone = 0; gone < order.Length; gone++)
                {
                    await _fixture.DeleteAsync(bucket, keys[order[gone]]);
                    await _fixture.AssertNothingLeaksAsync();
                    foreach (int left in order[(gone + 1)..])
                    {
                        Assert.Equal(Bytes(size), await _fixture.ReadAsync(bucket, keys[left]));
                    }
                }
            }
        }
    }

    [Fact]
    public async Task A_deleted_object_of_parts_gives_its_room_back_after_one_grace()
    {
        Bucket bucket = await _fixture.BucketAsync();
        MultipartUpload upload = await _fixture.BeginAsync(bucket, "key");
        UploadedPart first = await _fixture.PartAsync(upload, 1, Bytes(MinPart));
        UploadedPart second = await _fixture.PartAsync(upload, 2, Bytes(1000));
        await _fixture.CompleteAsync(bucket, upload, first, second);
        await ReclaimAsync();
        await _fixture.DeleteAsync(bucket, "key");
        _fixture.Clock.Advance(Grace - TimeSpan.FromSeconds(1));
        await ReclaimAsync();
        Assert.Equal(2, await _fixture.Blobs.ListAsync(Token).CountAsync(Token));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        await ReclaimAsync();
        Assert.Equal(0, await _fixture.Blobs.ListAsync(Token).CountAsync(Token));
        Assert.Equal(0, _fixture.Store.Reclaim.Backlog);

        async Task ReclaimAsync()
        {
            while (await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token) > 0)
            {
                // What a pass released at once is due in the next one.
            }
        }
    }

    [Fact]
    public async Task A_reader_reads_on_through_an_overwrite_for_the_grace()
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(1000));
        StoredObject found = await _fixture.FindAsync(bucket, "key");
        await _fixture.PutAsync(bucket, "key", Bytes(1000, 1));
        _fixture.Clock.Advance(Grace - TimeSpan.FromSeconds(1));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        Assert.Equal(Bytes(1000), await ReadAsync((await _fixture.Store.Reader.OpenAsync(found, always: false, Token))!, 0, 1000));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(2));
        await _fixture.Store.Reclaim.RunOnceAsync(failed: null, Token);
        Assert.Null(await _fixture.Store.Reader.OpenAsync(found, always: false, Token));
    }
}
