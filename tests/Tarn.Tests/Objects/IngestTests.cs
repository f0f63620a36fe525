using System.Buffers;
using System.Security.Cryptography;
using Tarn.Core.Buckets;
using Tarn.Core.Errors;
using Tarn.Core.Hashing;
using Tarn.Core.Model;
using Tarn.Core.Objects;
using Tarn.Core.Objects.Writing;
using Tarn.Tests.Consistency;
using Tarn.Tests.Hashing.Lanes;
using static Tarn.Tests.Objects.StoreFixture;

namespace Tarn.Tests.Objects;

/// <summary>Uploads, and that a refused one leaves nothing behind.</summary>
public sealed class IngestTests
{
    private readonly StoreFixture _fixture = new();

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(InlineLimit - 1, 0)]
    [InlineData(InlineLimit, 0)]
    [InlineData(InlineLimit + 1, 1)]
    [InlineData(1_000_000, 1)]
    public async Task Small_objects_are_rows_and_larger_ones_blobs_whether_or_not_the_length_is_known(int length, int blobs)
    {
        Bucket bucket = await _fixture.BucketAsync();
        foreach (bool sayLength in new[] { true, false })
        {
            StoredObject stored = await PutAsync(bucket, new TestBody(Bytes(length), piece: Math.Max(1, length / 3), sayLength), new IngestRequest());
            Assert.Equal(Convert.ToHexStringLower(MD5.HashData(Bytes(length))), stored.ETag.ToString());
            Assert.Equal(length, stored.Size);
            Assert.Equal(Bytes(length), await _fixture.ReadAsync(bucket, "key"));
            await _fixture.AssertNothingLeaksAsync();
            int count = 0;
            await foreach (var _ in _fixture.Blobs.ListAsync(Token))
            {
                count++;
            }

            Assert.Equal(blobs, count);
        }
    }

    [Theory]
    [InlineData(InlineLimit)]
    [InlineData(InlineLimit + 1)]
    [InlineData(300_000)]
    public async Task A_wrong_digest_is_refused_and_the_object_before_stays(int length)
    {
        Bucket bucket = await _fixture.BucketAsync();
        await _fixture.PutAsync(bucket, "key", Bytes(7));
        await RefusesAsync(S3Error.BadDigest, new TestBody(Bytes(length)), new IngestRequest { ContentMd5 = new byte[16] });
        foreach (ChecksumAlgorithm algorithm in ChecksumAlgorithms.All)
        {
            byte[] zero = new byte[ChecksumAlgorithms.HashSize(algorithm)];
            await RefusesAsync(S3Error.BadDigest, new TestBody(Bytes(length)), new IngestRequest { Algorithm = algorithm, ExpectedChecksum = zero });
            var trailer = new IngestRequest { Algorithm = algorithm, ChecksumInTrailer = true };
            await RefusesAsync(S3Error.InvalidRequest, new TestBody(Bytes(length)), trailer);
            var wrong = new TestBody(Bytes(length));
            wrong.TrailersToCome[ChecksumAlgorithms.HeaderName(algorithm)] = Convert.ToBase64String(zero);
            await RefusesAsync(S3Error.BadDigest, wrong, trailer);
            var right = new TestBody(Bytes(length));
            using StreamHasher hasher = StreamHasher.Create(algorithm);
            hasher.Append(Bytes(length));
            hasher.Finish(zero);
            right.TrailersToCome[ChecksumAlgorithms.HeaderName(algorithm)] = Convert.ToBase64String(zero);
            Assert.Equal(zero, (await PutAsync(bucket, right, trailer, "checked")).Checksum!.Value);
        }

        async Task RefusesAsync(S3Error error, TestBody body, IngestRequest request)
        {
            Assert.Equal(error, await RefusedAsync(() => PutAsync(bucket, body, request)));
            Assert.Equal(Bytes(7), await _fixture.ReadAsync(bucket, "key"));
            await _fixture.AssertNothingLeaksAsync();
        }
    }

    [Theory]
    [InlineData(50, 49)]
    [InlineData(1000, 999)]
    [InlineData(1000, 10)]
    public async Task What_is_too_large_is_refused_whether_or_not_the_length_is_known(int length, int limit)
    {
        Bucket bucket = await _fixture.BucketAsync();
        foreach (bool sayLength in new[] { true, false })
        {
            var request = new IngestRequest { MaxLength = limit };
            Assert.Equal(S3Error.EntityTooLarge, await RefusedAsync(() => PutAsync(bucket, new TestBody(Bytes(length), 7, sayLength), request)));
            await PutAsync(bucket, new TestBody(Bytes(limit), 7, sayLength), request);
        }

        await _fixture.AssertNothingLeaksAsync();
    }

    [Fact]
    public async Task A_body_that_breaks_off_anywhere_leaves_nothing()
    {
        Bucket bucket = await _fixture.BucketAsync();
        for (int failAt = 0; failAt <= 300; failAt++)
        {
            foreach (bool sayLength in new[] { true, false })
            {
                var body = new TestBody(Bytes(300), piece: 10, sayLength, failAt);
                Assert.Equal(S3Error.IncompleteBody, await RefusedAsync(() => PutAsync(bucket, body, new IngestRequest())));
            }
        }

        Assert.Null(await _fixture.ReadAsync(bucket, "key"));
        await LeakCheck.AssertAsync(_fixture.KeyValue, _fixture.Blobs, drained: true);
    }

    /// <summary>The bytes are the transport's: it reuses them as soon as the upload has ended, for another client's.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_upload_whose_write_fails_ends_only_when_nothing_reads_its_bytes(bool isClientGone)
    {
        Bucket bucket = await _fixture.BucketAsync();
        using var gone = new CancellationTokenSource();
        var blobs = new FailingBlobStore(_fixture.Blobs) { Writing = () => isClientGone ? gone.CancelAsync() : throw new IOException("the device") };
        _fixture.Store = _fixture.Open(_fixture.KeyValue, blobs);
        TrackedMemory[] segments = [.. Enumerable.Range(0, 64).Select(seed => new TrackedMemory(Bytes(128 * 1024, seed)))];
        var body = new LentBody(Segment.Sequence(segments.Select(segment => (ReadOnlyMemory<byte>)segment.Memory)));
        await Assert.ThrowsAnyAsync<Exception>(async () => await _fixture.Store.Writer.PutAsync(
            bucket, Key("key"), "owner", ObjectMetadata.Empty, body, new IngestRequest(), WriteCondition.None, gone.Token));
        Assert.All(segments, segment => Assert.Equal((1, 0), (segment.TimesPinned, segment.Pins)));
        Array.ForEach(segments, segment => segment.Close());
    }

    private async Task<StoredObject> PutAsync(Bucket bucket, TestBody body, IngestRequest request, string key = "key") =>
        await _fixture.Store.Writer.PutAsync(bucket, Key(key), "owner", ObjectMetadata.Empty, body, request, WriteCondition.None, Token);

    /// <summary>One run of bytes, which belong to somebody else.</summary>
    private sealed class LentBody(ReadOnlySequence<byte> bytes) : IUploadBody
    {
        public long? Length => bytes.Length;

        public IReadOnlyDictionary<string, string> Trailers { get; } = new Dictionary<string, string>();

        public ValueTask<ReadOnlySequence<byte>> ReadAsync(CancellationToken cancellationToken) => new(bytes);
    }
}
